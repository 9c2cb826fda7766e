using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Dialects;

/// <summary>
/// Messages as items. What an assistant said in one message is reasoning, a message and tool calls, in this order; a tool's message is a result.
/// </summary>
internal sealed class ChatMessages
{
    private readonly List<Item> _items;
    private HashSet<string>? _customCalls;

    private ChatMessages(int count) => _items = new(count);

    public static IReadOnlyList<Item> Read(JsonElement value)
    {
        var body = new ChatPlace();
        if (!body.IsList(value, "messages", ModelLimits.Items) || value.GetArrayLength() == 0)
        {
            throw body.Refuse("messages", "'messages' has at least one entry.");
        }

        var messages = new ChatMessages(value.GetArrayLength());
        var index = 0;
        foreach (var message in value.EnumerateArray())
        {
            messages.Add(message, new("messages", index++));
            if (messages._items.Count > ModelLimits.Items)
            {
                throw body.Refuse("messages", $"'messages' has at most {ModelLimits.Items} messages, tool calls and results.");
            }
        }

        return messages._items;
    }

    private void Add(JsonElement value, ChatPlace at)
    {
        if (!at.IsObject(value, "")) throw at.Refuse("", $"'{at.Of("")}' is an object.");

        var said = Members(value, at);
        if (said.Role == "function") throw at.Refuse("role", "The role function is out of use: say tool.");
        if (said.Role != "assistant" && said.OfAssistant is { } assistants) throw at.Refuse(assistants, $"'{assistants}' is only the assistant's.");
        if (said.Role != "tool" && said.CallId is not null) throw at.Refuse("tool_call_id", "'tool_call_id' is only a tool's.");
        // The tool's name is known by its call, and the assistant's says nothing new (LangChain's agents name each of theirs). Of anybody else it would say who speaks, and not every provider can be told.
        if (said.Role is not ("tool" or "assistant") && said.Name is not null)
        {
            throw at.Refuse("name", "Names of participants are not passed on: say in the text who speaks.");
        }

        switch (said.Role)
        {
            case "system":
                _items.Add(new Item.Message(Role.System, Content(said, at)));
                break;
            case "developer":
                _items.Add(new Item.Message(Role.Developer, Content(said, at)));
                break;
            case "user":
                _items.Add(new Item.Message(Role.User, Content(said, at)));
                break;
            case "assistant":
                AddAssistant(said, at);
                break;
            case "tool":
                var callId = said.CallId ?? throw at.Missing("tool_call_id");
                _items.Add(new Item.ToolResult(callId, Content(said, at), IsCustom: _customCalls?.Contains(callId) == true));
                break;
            case null:
                throw at.Missing("role");
            default:
                throw at.Refuse("role", $"'{at.Of("role")}' is system, developer, user, assistant or tool.");
        }
    }

    private void Add(Item.ToolCall call)
    {
        _items.Add(call);
        if (call.IsCustom)
        {
            (_customCalls ??= []).Add(call.CallId);
        }
    }

    private static IReadOnlyList<Part> Content(in Said said, ChatPlace at)
    {
        var parts = ChatParts.Read(said.Content, at, said.Role!);
        return parts.Count > 0 ? parts : throw at.Missing("content");
    }

    private void AddAssistant(in Said said, ChatPlace at)
    {
        var parts = ChatParts.Read(said.Content, at, "assistant");
        var hasCalls = at.IsList(said.Calls, "tool_calls", ModelLimits.Items) && said.Calls.GetArrayLength() > 0;
        if (parts.Count == 0 && string.IsNullOrEmpty(said.Refusal) && !hasCalls)
        {
            throw at.Refuse("content", "An assistant's message has content, a refusal or tool calls.");
        }

        if (!string.IsNullOrEmpty(said.Reasoning))
        {
            _items.Add(new Item.Reasoning([], said.Reasoning, null));
        }

        if (!string.IsNullOrEmpty(said.Refusal))
        {
            parts = [.. parts, new Part.Refusal(said.Refusal)];
        }

        // Many clients write "" where there are only calls, and some providers refuse an empty text.
        if (parts.Count > 0 && !(hasCalls && parts is [Part.Text { Value: "" }]))
        {
            _items.Add(new Item.Message(Role.Assistant, parts));
        }

        if (!hasCalls) return;

        var index = 0;
        foreach (var call in said.Calls.EnumerateArray())
        {
            Add(ChatCallReader.Read(call, at with { Inner = "tool_calls", InnerIndex = index++ }));
        }
    }

    private static Said Members(JsonElement value, ChatPlace at)
    {
        var said = new Said();
        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "role":
                    said.Role = at.Text(member.Value, "role");
                    break;
                case "content":
                    said.Content = member.Value;
                    break;
                case "name":
                    said.Name = at.Text(member.Value, "name");
                    break;
                case "tool_call_id":
                    said.CallId = at.Name(member.Value, "tool_call_id");
                    break;
                case "refusal":
                    said.Refusal = at.Text(member.Value, "refusal");
                    break;
                case "reasoning_content" or "reasoning":
                    // Two names for one thing; who writes both writes the same twice.
                    said.Reasoning ??= at.Text(member.Value, member.Name);
                    break;
                case "tool_calls":
                    said.Calls = member.Value;
                    break;
                case "parsed":
                    // OpenAI's SDKs put beside the content what they read in it, and send it back.
                    break;
                case "audio" or "function_call" or "annotations":
                    RefuseIfSaid(member, at);
                    break;
                default:
                    throw at.Unknown(member.Name);
            }
        }

        return said;
    }

    /// <summary>A client that sends back the whole message of a reply has them in it, empty.</summary>
    private static void RefuseIfSaid(JsonProperty member, ChatPlace at)
    {
        var isEmpty = member.Value.ValueKind == JsonValueKind.Null || (member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() == 0);
        if (!isEmpty) throw at.Refuse(member.Name, $"'{member.Name}' is not passed on: leave it out.");
    }

    private record struct Said
    {
        public string? Role { get; set; }

        public JsonElement Content { get; set; }

        public string? Name { get; set; }

        public string? CallId { get; set; }

        public string? Refusal { get; set; }

        public string? Reasoning { get; set; }

        public JsonElement Calls { get; set; }

        /// <summary>The first member that only an assistant's message has; null: none.</summary>
        public readonly string? OfAssistant =>
            Refusal is not null ? "refusal" : Reasoning is not null ? "reasoning_content" : Calls.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : "tool_calls";
    }
}
