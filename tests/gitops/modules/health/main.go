// Health says what GitOps tools make of objects: one JSON object a line in, one verdict a line out.
// The script of Argo CD's health check is the argument.
//
// kstatus is the library that Helm 4 and Flux wait with, in the version that this module's Helm is built with. Argo CD
// itself is too large to build for this; its Lua machine is not: the same library with the same libraries opened in it,
// `obj` set as Argo CD sets it, and the same conversion of what the script returns (argo-cd, util/lua/lua.go).
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

var words = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type answer struct {
	Kstatus verdict `json:"kstatus"`
	Argo    verdict `json:"argo"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(script string) error {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var line json.RawMessage
		if err := in.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		said, err := judge(line, script)
		if err != nil {
			return err
		}
		if err := out.Encode(said); err != nil {
			return err
		}
	}
}

func judge(line []byte, script string) (*answer, error) {
	var object unstructured.Unstructured
	if err := object.UnmarshalJSON(line); err != nil {
		return nil, err
	}
	computed, err := status.Compute(&object)
	if err != nil {
		return nil, err
	}
	argo, err := runLua(line, script)
	if err != nil {
		return nil, err
	}
	return &answer{verdict{computed.Status.String(), computed.Message}, *argo}, nil
}

func runLua(line []byte, script string) (*verdict, error) {
	machine := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer machine.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		function := lua.P{Fn: machine.NewFunction(open), NRet: 0, Protect: true}
		if err := machine.CallByParam(function, lua.LString(name)); err != nil {
			return nil, err
		}
	}
	object, err := luajson.Decode(machine, line)
	if err != nil {
		return nil, err
	}
	machine.SetGlobal("obj", object)
	if err := machine.DoString(script); err != nil {
		return nil, err
	}
	return returned(machine.Get(-1))
}

func returned(value lua.LValue) (*verdict, error) {
	text, err := luajson.Encode(value)
	if err != nil {
		return nil, err
	}
	said := &verdict{}
	if err := json.Unmarshal(text, said); err != nil {
		return nil, err
	}
	if !slices.Contains(words, said.Status) {
		return nil, fmt.Errorf("the script says %q, which is no health", said.Status)
	}
	return said, nil
}
