using System.Text;
using System.Text.Json;

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
        switch (said.Role)
        {
            case "system":
                _items.Add(Participant(Role.System, said, at));
                break;
            case "developer":
                _items.Add(Participant(Role.Developer, said, at));
                break;
            case "user":
                _items.Add(Participant(Role.User, said, at));
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

    /// <summary>A message whose name says who speaks. Names of tools and assistants are dropped: a tool is known by its call, and an assistant's name says nothing new (LangChain's agents name each of theirs).</summary>
    private static Item.Message Participant(Role role, in Said said, ChatPlace at) => new(role, Content(said, at)) { Name = said.Name };

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

        var reasoning = string.IsNullOrEmpty(said.Reasoning) ? said.Details : said.Reasoning;
        if (!string.IsNullOrEmpty(reasoning))
        {
            _items.Add(new Item.Reasoning([], reasoning, null));
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
                    said.Name = at.Text(member.Value, "name") is { Length: > 0 } ? at.Name(member.Value, "name") : null;
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
                case "reasoning_details":
                    said.Details = Details(member.Value, at);
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

    /// <summary>
    /// Reads OpenRouter's form of reasoning, which its clients send back beside the reasoning's text or instead of it. Text is kept. Encrypted parts are left out as other seals are: OpenAI's chat has no place for them.
    /// </summary>
    /// <returns>Null if there is none.</returns>
    private static string? Details(JsonElement value, ChatPlace at)
    {
        if (!at.IsList(value, "reasoning_details", ModelLimits.Parts)) return null;

        var text = new StringBuilder();
        foreach (var detail in value.EnumerateArray())
        {
            if (!at.IsObject(detail, "reasoning_details"))
            {
                throw at.Refuse("reasoning_details", $"'{at.Of("reasoning_details")}' is a list of objects.");
            }

            text.Append(at.OneOf(Member(detail, "type"), "reasoning_details", ["reasoning.text", "reasoning.summary", "reasoning.encrypted"]) switch
            {
                "reasoning.text" => at.Text(Member(detail, "text"), "reasoning_details"),
                "reasoning.summary" => at.Text(Member(detail, "summary"), "reasoning_details"),
                null => throw at.Missing("reasoning_details[].type"),
                _ => null,
            });
        }

        return text.ToString();

        static JsonElement Member(JsonElement of, string name) => of.TryGetProperty(name, out var member) ? member : default;
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

        /// <summary>The text of reasoning_details. Null if there are none, empty if they have no text.</summary>
        public string? Details { get; set; }

        public JsonElement Calls { get; set; }

        /// <summary>The first member that only an assistant's message has; null: none.</summary>
        public readonly string? OfAssistant =>
            Refusal is not null ? "refusal" : Reasoning is not null ? "reasoning_content" : Details is not null ? "reasoning_details" : Calls.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : "tool_calls";
    }
}
