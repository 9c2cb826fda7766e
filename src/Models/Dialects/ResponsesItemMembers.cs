using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>The members of one item, each of its exact type; which of them an item has, its type says. Members that its type does not have are refused.</summary>
internal struct ResponsesItemMembers
{
    private string? _id;
    private string? _role;
    private string? _phase;
    private string? _callId;
    private string? _name;
    private string? _space;
    private string? _arguments;
    private string? _input;
    private string? _seal;
    private JsonElement? _content;
    private JsonElement? _output;
    private JsonElement? _summary;

    public string? Type { get; private set; }

    /// <summary>Of additional_tools.</summary>
    public JsonElement? Tools { get; private set; }

    public static ResponsesItemMembers Read(JsonElement item)
    {
        var read = new ResponsesItemMembers();
        foreach (var member in ResponsesJson.Object(item, "type").EnumerateObject())
        {
            // What is null is not there; of the content of reasoning, and of statuses, SDKs send null.
            if (!ResponsesJson.IsNull(member) || !MayBeNull(member.Name))
            {
                read.Add(member);
            }
        }

        return read;
    }

    /// <summary>The tools of additional_tools.</summary>
    public readonly JsonElement ToTools()
    {
        Check("additional_tools");
        if (_role is not "developer") throw DialectException.Invalid("role", "'role' must be developer.");
        return Tools ?? throw DialectException.Invalid("tools", "'tools' is missing.");
    }

    public readonly Item ToItem()
    {
        var type = Type ?? (_role is null ? "item_reference" : "message");
        Check(type);
        return type switch
        {
            "message" => Message(),
            "function_call" => Call(_arguments, "arguments", isCustom: false),
            "custom_tool_call" => Call(_input, "input", isCustom: true),
            "function_call_output" => Result(isCustom: false),
            "custom_tool_call_output" => Result(isCustom: true),
            "reasoning" => Reasoning(),
            "item_reference" => throw DialectException.Invalid("type", "References to items are not taken: send the items themselves, as clients do where they say store false, or 'previous_response_id'."),
            _ => throw DialectException.Invalid("type", "An item of this type is not taken: it is of a tool that would run at the provider, or of what is not done here."),
        };
    }

    private readonly void Check(string type)
    {
        Has(_role is not null, "role", type is "message" or "additional_tools");
        Has(_phase is not null, "phase", type == "message");
        Has(_content is not null, "content", type is "message" or "reasoning");
        Has(_callId is not null, "call_id", type is "function_call" or "custom_tool_call" or "function_call_output" or "custom_tool_call_output");
        Has(_name is not null, "name", type is "function_call" or "custom_tool_call");
        Has(_space is not null, "namespace", type is "function_call" or "custom_tool_call");
        Has(_arguments is not null, "arguments", type == "function_call");
        Has(_input is not null, "input", type == "custom_tool_call");
        Has(_output is not null, "output", type is "function_call_output" or "custom_tool_call_output");
        Has(_summary is not null, "summary", type == "reasoning");
        Has(_seal is not null, "encrypted_content", type is "reasoning" or "function_call" or "custom_tool_call");
        Has(Tools is not null, "tools", type == "additional_tools");
    }

    private void Add(JsonProperty member)
    {
        switch (member.Name)
        {
            case "type":
                Type = ResponsesJson.Text(member, ModelLimits.NameLength);
                break;
            case "id":
                _id = ResponsesJson.Text(member, ModelLimits.NameLength);
                break;
            case "status":
                ResponsesJson.OneOf(member, "in_progress", "completed", "incomplete");
                break;
            case "role":
                _role = ResponsesJson.OneOf(member, "user", "assistant", "system", "developer");
                break;
            case "phase":
                _phase = ResponsesJson.OneOf(member, "commentary", "final_answer");
                break;
            case "content":
                _content = member.Value;
                break;
            case "call_id":
                _callId = ResponsesJson.Name(member);
                break;
            case "name":
                _name = ResponsesJson.Name(member);
                break;
            case "namespace":
                _space = ResponsesJson.Name(member);
                break;
            case "arguments":
                _arguments = ResponsesJson.Text(member);
                break;
            case "input":
                _input = ResponsesJson.Text(member);
                break;
            case "output":
                _output = member.Value;
                break;
            case "summary":
                _summary = member.Value;
                break;
            case "encrypted_content":
                _seal = ResponsesJson.Text(member);
                break;
            case "tools":
                Tools = member.Value;
                break;
            default:
                throw ResponsesJson.Unknown(member.Name);
        }
    }

    private readonly Item.Message Message()
    {
        var role = ResponsesJson.Wanted(_role, "role") switch
        {
            "user" => Role.User,
            "assistant" => Role.Assistant,
            "system" => Role.System,
            _ => Role.Developer,
        };
        if (_phase is not null && role != Role.Assistant) throw DialectException.Invalid("phase", "Only what the assistant said has a phase.");
        var content = _content ?? throw DialectException.Invalid("content", "'content' is missing.");
        return new(role, ResponsesParts.Read(content, "content", isSaid: role == Role.Assistant, withImages: role == Role.User), _id) { Phase = _phase };
    }

    private readonly Item.ToolCall Call(string? written, string param, bool isCustom)
    {
        var name = ResponsesNames.Flat(_space, ResponsesJson.Wanted(_name, "name"));
        if (name.Length > ModelLimits.NameLength)
        {
            throw DialectException.Invalid("name", $"The name has more than {ModelLimits.NameLength} characters with its namespace.");
        }

        var seal = _seal is null ? null : ResponsesSeals.Read(_seal).Seal;
        return new(ResponsesJson.Wanted(_callId, "call_id"), name, ResponsesJson.Wanted(written, param), isCustom, _id, seal);
    }

    private readonly Item.ToolResult Result(bool isCustom)
    {
        var output = _output ?? throw DialectException.Invalid("output", "'output' is missing.");
        return new(ResponsesJson.Wanted(_callId, "call_id"), ResponsesParts.Read(output, "output", isSaid: false, withImages: true), IsCustom: isCustom);
    }

    private readonly Item.Reasoning Reasoning()
    {
        var summary = Texts(_summary ?? throw DialectException.Invalid("summary", "'summary' is missing."), "summary", "summary_text");
        var text = _content is { } content ? string.Join('\n', Texts(content, "content", "reasoning_text")) : "";
        var (seal, isRedacted) = _seal is null ? (null, false) : ResponsesSeals.Read(_seal);
        return new(summary, text, seal, _id, isRedacted);
    }

    private static List<string> Texts(JsonElement parts, string param, string type)
    {
        var texts = new List<string>();
        foreach (var part in ResponsesJson.Array(parts, param, ModelLimits.Parts).EnumerateArray())
        {
            try
            {
                string? kind = null, text = null;
                foreach (var member in ResponsesJson.Object(part, "type").EnumerateObject())
                {
                    _ = member.Name switch
                    {
                        "type" => kind = ResponsesJson.OneOf(member, type),
                        "text" => text = ResponsesJson.Text(member),
                        _ => throw ResponsesJson.Unknown(member.Name),
                    };
                }

                ResponsesJson.Wanted(kind, "type");
                texts.Add(ResponsesJson.Wanted(text, "text"));
            }
            catch (DialectException e)
            {
                throw ResponsesJson.Within($"{param}[{texts.Count}]", e);
            }
        }

        return texts;
    }

    private static bool MayBeNull(string name) => name is "type" or "id" or "status" or "content" or "encrypted_content" or "phase" or "namespace" or "caller";

    private static void Has(bool isThere, string param, bool may)
    {
        if (isThere && !may) throw DialectException.Invalid(param, $"'{param}' does not belong to an item of this type.");
    }
}
