namespace Agora.Models.Tests.OfResponses;

/// <summary>What Codex 0.169 sends, its long texts shortened: the second turn of a thread.</summary>
internal static class CodexRequests
{
    /// <summary>A model that Codex does not know: functions, a namespace, and a search of the web that does not reach outside.</summary>
    public const string Plain = """
        {
          "model": "gpt-5.2-codex",
          "stream": true,
          "input": [
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "developer",
              "content": [
                {
                  "type": "input_text",
                  "text": "You are a coding agent running in the Codex CLI, a terminal-…"
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "developer",
              "content": [
                {
                  "type": "input_text",
                  "text": "<skills_instructions>\n## Skills\nA skill is a set of local in…"
                },
                {
                  "type": "input_text",
                  "text": "<permissions instructions>\nFilesystem sandboxing defines whi…"
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "user",
              "content": [
                {
                  "type": "input_text",
                  "text": "<environment_context>…</environment_context>"
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "user",
              "content": [
                {
                  "type": "input_text",
                  "text": "say hi"
                }
              ]
            },
            {
              "type": "function_call",
              "status": "completed",
              "id": "fc_1",
              "name": "exec_command",
              "arguments": "{\"cmd\":\"echo hi\"}",
              "call_id": "call_c"
            },
            {
              "type": "function_call",
              "status": "completed",
              "id": "fc_2",
              "name": "close_agent",
              "namespace": "multi_agent_v1",
              "arguments": "{\"target\":\"x\"}",
              "call_id": "call_d"
            },
            {
              "type": "function_call",
              "status": "completed",
              "id": "fc_3",
              "name": "multi_agent_v1__close_agent",
              "arguments": "{\"target\":\"x\"}",
              "call_id": "call_e"
            },
            {
              "type": "function_call_output",
              "id": "fco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_c",
              "output": "Chunk ID: cffba1\nWall time: 0.0000 seconds\nProcess exited wi…"
            },
            {
              "type": "function_call_output",
              "id": "fco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_d",
              "output": "invalid agent id x: Error(ParseChar { character: 'x', index: 1 })"
            },
            {
              "type": "function_call_output",
              "id": "fco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_e",
              "output": "unsupported call: multi_agent_v1__close_agent"
            }
          ],
          "tools": [
            {
              "type": "function",
              "name": "exec_command",
              "description": "Runs a command in a PTY, returning output or a session ID for ongoing interaction.",
              "strict": false,
              "parameters": {
                "type": "object",
                "properties": {
                  "cmd": {
                    "type": "string",
                    "description": "Shell command to execute."
                  },
                  "justification": {
                    "type": "string",
                    "description": "User-facing approval question for `require_escalated`; omit otherwise."
                  },
                  "login": {
                    "type": "boolean",
                    "description": "True runs the shell with -l/-i semantics; false disables them. Defaults to true."
                  },
                  "max_output_tokens": {
                    "type": "number",
                    "description": "Output token budget. Defaults to 10000 tokens; larger requests may be capped by policy."
                  },
                  "prefix_rule": {
                    "type": "array",
                    "description": "Reusable approval prefix for `cmd`, only with `sandbox_permi…",
                    "items": {
                      "type": "string"
                    }
                  },
                  "sandbox_permissions": {
                    "type": "string",
                    "description": "Per-command sandbox override. Defaults to `use_default`; use…",
                    "enum": [
                      "use_default",
                      "require_escalated"
                    ]
                  },
                  "shell": {
                    "type": "string",
                    "description": "Shell binary to launch. Defaults to the user's default shell."
                  },
                  "tty": {
                    "type": "boolean",
                    "description": "True allocates a PTY for the command; false or omitted uses plain pipes."
                  },
                  "workdir": {
                    "type": "string",
                    "description": "Working directory for the command. Defaults to the turn cwd."
                  },
                  "yield_time_ms": {
                    "type": "number",
                    "description": "Wait before yielding output. Defaults to 10000 ms; effective range is 250-30000 ms."
                  }
                },
                "required": [
                  "cmd"
                ],
                "additionalProperties": false
              }
            },
            {
              "type": "function",
              "name": "view_image",
              "description": "View a local image file from the filesystem when visual insp…",
              "strict": false,
              "parameters": {
                "type": "object",
                "properties": {
                  "path": {
                    "type": "string",
                    "description": "Local filesystem path to an image file."
                  }
                },
                "required": [
                  "path"
                ],
                "additionalProperties": false
              }
            },
            {
              "type": "namespace",
              "name": "multi_agent_v1",
              "description": "Tools for spawning and managing sub-agents.",
              "tools": [
                {
                  "type": "function",
                  "name": "close_agent",
                  "description": "Close an agent and any open descendants when they are no lon…",
                  "strict": false,
                  "parameters": {
                    "type": "object",
                    "properties": {
                      "target": {
                        "type": "string",
                        "description": "Agent id to close (from spawn_agent)."
                      }
                    },
                    "required": [
                      "target"
                    ],
                    "additionalProperties": false
                  }
                },
                {
                  "type": "function",
                  "name": "resume_agent",
                  "description": "Resume a previously closed agent by id so it can receive send_input and wait_agent calls.",
                  "strict": false,
                  "parameters": {
                    "type": "object",
                    "properties": {
                      "id": {
                        "type": "string",
                        "description": "Agent id to resume."
                      }
                    },
                    "required": [
                      "id"
                    ],
                    "additionalProperties": false
                  }
                }
              ]
            },
            {
              "type": "web_search",
              "external_web_access": false
            }
          ],
          "tool_choice": "auto",
          "parallel_tool_calls": true,
          "reasoning": {
            "summary": "auto"
          },
          "store": false,
          "include": [
            "reasoning.encrypted_content"
          ],
          "prompt_cache_key": "00000000-0000-7000-8000-000000000001",
          "client_metadata": {
            "x-codex-installation-id": "i",
            "x-codex-window-id": "w:0",
            "thread_id": "t",
            "x-codex-turn-metadata": "{}"
          }
        }
        """;

    /// <summary>A model that it knows: its tools come among the items, one of them by a grammar.</summary>
    public const string WithLaterTools = """
        {
          "model": "gpt-6.1-sol",
          "stream": true,
          "input": [
            {
              "type": "additional_tools",
              "id": "at_00000000-0000-7000-8000-000000000001",
              "role": "developer",
              "tools": [
                {
                  "type": "namespace",
                  "name": "functions",
                  "description": "",
                  "tools": [
                    {
                      "type": "custom",
                      "name": "exec",
                      "description": "Run JavaScript code to orchestrate/compose tool calls\n- Eval…",
                      "format": {
                        "type": "grammar",
                        "syntax": "lark",
                        "definition": "\nstart: pragma_source | plain_source\npragma_source: PRAGMA_LINE NEWLINE SOURCE\nplain_source: SOURCE\n\nPRAGMA_LINE: /[ \\t]*\\/\\/ @exec:[^\\r\\n]*/\nNEWLINE: /\\r?\\n/\nSOURCE: /[\\s\\S]+/\n"
                      }
                    },
                    {
                      "type": "function",
                      "name": "wait",
                      "description": "Waits on a yielded `exec` cell and returns new output or com…",
                      "strict": false,
                      "parameters": {
                        "type": "object",
                        "properties": {
                          "cell_id": {
                            "type": "string",
                            "description": "Identifier of the running exec cell."
                          },
                          "max_tokens": {
                            "type": "number",
                            "description": "Output token budget for this wait call. Defaults to 10000 tokens."
                          },
                          "terminate": {
                            "type": "boolean",
                            "description": "True stops the running exec cell; false or omitted waits for output."
                          },
                          "yield_time_ms": {
                            "type": "number",
                            "description": "Wait before yielding more output. Defaults to 10000 ms."
                          }
                        },
                        "required": [
                          "cell_id"
                        ],
                        "additionalProperties": false
                      }
                    }
                  ]
                },
                {
                  "type": "namespace",
                  "name": "clock",
                  "description": "Tools for reading and waiting on time.",
                  "tools": [
                    {
                      "type": "function",
                      "name": "sleep",
                      "description": "Pause execution for a specified duration. The sleep ends ear…",
                      "strict": false,
                      "parameters": {
                        "type": "object",
                        "properties": {
                          "duration_ms": {
                            "type": "number",
                            "description": "How long to sleep in milliseconds. Must be between 1 and 43200000."
                          }
                        },
                        "required": [
                          "duration_ms"
                        ],
                        "additionalProperties": false
                      }
                    }
                  ]
                },
                {
                  "type": "namespace",
                  "name": "collaboration",
                  "description": "Tools for spawning and managing sub-agents.",
                  "tools": [
                    {
                      "type": "function",
                      "name": "followup_task",
                      "description": "Send a follow-up task to an existing non-root target agent a…",
                      "strict": false,
                      "parameters": {
                        "type": "object",
                        "properties": {
                          "message": {
                            "type": "string",
                            "description": "Message text to send to the target agent.",
                            "encrypted": true
                          },
                          "target": {
                            "type": "string",
                            "description": "Agent id or canonical task name to send a follow-up task to (from spawn_agent)."
                          }
                        },
                        "required": [
                          "target",
                          "message"
                        ],
                        "additionalProperties": false
                      }
                    },
                    {
                      "type": "function",
                      "name": "interrupt_agent",
                      "description": "Interrupt an agent's current turn, if any, and return its pr…",
                      "strict": false,
                      "parameters": {
                        "type": "object",
                        "properties": {
                          "target": {
                            "type": "string",
                            "description": "Agent id or canonical task name to interrupt (from spawn_agent)."
                          }
                        },
                        "required": [
                          "target"
                        ],
                        "additionalProperties": false
                      }
                    }
                  ]
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "developer",
              "content": [
                {
                  "type": "input_text",
                  "text": "You are Codex, an agent based on GPT-6. You and the user sha…"
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "developer",
              "content": [
                {
                  "type": "input_text",
                  "text": "<skills_instructions>\n## Skills\nA skill is a set of local in…"
                },
                {
                  "type": "input_text",
                  "text": "<permissions instructions>\nFilesystem sandboxing defines whi…"
                },
                {
                  "type": "input_text",
                  "text": "<collaboration_mode># Collaboration Mode: Default\n\nYou are n…"
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "user",
              "content": [
                {
                  "type": "input_text",
                  "text": "<environment_context>…</environment_context>"
                }
              ]
            },
            {
              "type": "message",
              "id": "msg_00000000-0000-7000-8000-000000000001",
              "role": "user",
              "content": [
                {
                  "type": "input_text",
                  "text": "say hi"
                }
              ]
            },
            {
              "type": "reasoning",
              "id": "rs_1",
              "summary": [
                {
                  "type": "summary_text",
                  "text": "S"
                }
              ],
              "content": [
                {
                  "type": "reasoning_text",
                  "text": "R"
                }
              ],
              "encrypted_content": "ENC"
            },
            {
              "type": "message",
              "status": "completed",
              "id": "msg_1",
              "role": "assistant",
              "content": [
                {
                  "type": "output_text",
                  "text": "let me",
                  "annotations": []
                }
              ],
              "phase": "commentary"
            },
            {
              "type": "custom_tool_call",
              "id": "ctc_1",
              "status": "completed",
              "call_id": "call_a",
              "name": "exec",
              "input": "text(\"hey\")"
            },
            {
              "type": "custom_tool_call_output",
              "id": "ctco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_a",
              "output": [
                {
                  "type": "input_text",
                  "text": "Script completed\nWall time 0.0 seconds\nOutput:\n"
                },
                {
                  "type": "input_text",
                  "text": "hey"
                }
              ]
            },
            {
              "type": "custom_tool_call",
              "id": "ctc_2",
              "status": "completed",
              "call_id": "call_b",
              "name": "exec",
              "namespace": "functions",
              "input": "text(\"hey2\")"
            },
            {
              "type": "custom_tool_call_output",
              "id": "ctco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_b",
              "output": [
                {
                  "type": "input_text",
                  "text": "Script completed\nWall time 0.0 seconds\nOutput:\n"
                },
                {
                  "type": "input_text",
                  "text": "hey2"
                }
              ]
            },
            {
              "type": "function_call",
              "status": "completed",
              "id": "fc_1",
              "name": "sleep",
              "namespace": "clock",
              "arguments": "{\"duration_ms\":1}",
              "call_id": "call_c"
            },
            {
              "type": "function_call",
              "status": "completed",
              "id": "fc_2",
              "name": "clock__sleep",
              "arguments": "{\"duration_ms\":1}",
              "call_id": "call_d"
            },
            {
              "type": "function_call",
              "status": "completed",
              "id": "fc_3",
              "name": "sleep",
              "arguments": "{\"duration_ms\":1}",
              "call_id": "call_e"
            },
            {
              "type": "function_call_output",
              "id": "fco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_c",
              "output": "Wall time: 0.0038 seconds\nSleep completed."
            },
            {
              "type": "function_call_output",
              "id": "fco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_d",
              "output": "unsupported call: clock__sleep"
            },
            {
              "type": "function_call_output",
              "id": "fco_00000000-0000-7000-8000-000000000001",
              "call_id": "call_e",
              "output": "unsupported call: sleep"
            }
          ],
          "tool_choice": "auto",
          "parallel_tool_calls": false,
          "reasoning": {
            "effort": "low",
            "context": "all_turns"
          },
          "store": false,
          "include": [
            "reasoning.encrypted_content"
          ],
          "prompt_cache_key": "00000000-0000-7000-8000-000000000001",
          "text": {
            "verbosity": "low"
          },
          "client_metadata": {
            "x-codex-installation-id": "i",
            "x-codex-window-id": "w:0",
            "thread_id": "t",
            "x-codex-turn-metadata": "{}"
          }
        }
        """;
}
