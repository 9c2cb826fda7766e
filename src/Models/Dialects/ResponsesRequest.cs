using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Reads one request. What is null is not there, as the SDKs mean it.</summary>
internal sealed class ResponsesRequest
{
    private const int LongestMetadata = 16;

    private readonly ResponsesToolbox _toolbox = new();
    private readonly Dictionary<string, string> _echo = new(StringComparer.Ordinal);
    private ModelRequest _request = new("", []);
    private JsonElement? _input;
    private JsonElement? _choice;
    private string? _model;
    private string? _instructions;
    private ReasoningOptions? _reasoning;
    private bool _wantsSeal;
    private bool? _store;

    public static ModelRequest Read(ReadOnlyMemory<byte> body)
    {
        using var document = ResponsesJson.Parse(body);
        var reading = new ResponsesRequest();
        foreach (var member in ResponsesJson.Object(document.RootElement, "body").EnumerateObject())
        {
            if (!ResponsesJson.IsNull(member))
            {
                reading.Add(member);
            }
            else if (!IsKnown(member.Name))
            {
                throw ResponsesJson.Unknown(member.Name);
            }
        }

        return reading.Build();
    }

    private ModelRequest Build()
    {
        var model = ResponsesJson.Wanted(_model, "model");
        var items = new List<Item>();
        if (_instructions is not null)
        {
            items.Add(new Item.Message(Role.System, [new Part.Text(_instructions)]));
        }

        switch (_input?.ValueKind)
        {
            case JsonValueKind.String:
                items.Add(new Item.Message(Role.User, [new Part.Text(_input.Value.GetString()!)]));
                break;
            case not null:
                ResponsesItems.Read(_input.Value, "input", items, _toolbox);
                break;
        }

        if (items.Count == (_instructions is null ? 0 : 1) && _request.PreviousResponseId is null)
        {
            throw DialectException.Invalid("input", "'input' is missing.");
        }

        if (_request.Background && _store == false)
        {
            throw DialectException.Invalid("background", "A response in the background is stored: 'store' must not be false.");
        }

        if (_wantsSeal)
        {
            _reasoning = (_reasoning ?? new()) with { WantsSeal = true };
        }

        _toolbox.Names.Keep(_echo);
        return _request with
        {
            Model = model,
            Items = items,
            Tools = _toolbox.Tools,
            ToolChoice = _choice is { } choice ? ResponsesChoice.Read(choice, _toolbox.Tools) : ToolChoice.Auto,
            Reasoning = _reasoning,
            IncludeUsage = true,
            // The API's own default.
            Store = _store ?? true,
            Echo = _echo,
        };
    }

    private void Add(JsonProperty member)
    {
        switch (member.Name)
        {
            case "model":
                _model = ResponsesJson.Name(member);
                break;
            case "input":
                if (member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
                {
                    throw DialectException.Invalid("input", "'input' must be a string or an array of items.");
                }

                _input = member.Value;
                break;
            case "instructions":
                _instructions = ResponsesJson.Text(member);
                Repeat(member);
                break;
            case "tools":
                _echo["tools"] = _toolbox.Add(member);
                break;
            case "tool_choice":
                _choice = member.Value;
                break;
            case "stream":
                _request = _request with { Stream = ResponsesJson.Flag(member) };
                break;
            case "store":
                _store = ResponsesJson.Flag(member);
                break;
            case "background":
                _request = _request with { Background = ResponsesJson.Flag(member) };
                break;
            case "previous_response_id":
                _request = _request with { PreviousResponseId = ResponsesJson.Name(member) };
                break;
            case "include":
                _wantsSeal = ResponsesOptions.ReadInclude(member);
                break;
            case "reasoning":
                _reasoning = ResponsesOptions.ReadReasoning(member);
                break;
            case "text":
                var (format, verbosity) = ResponsesOptions.ReadText(member);
                _request = _request with { Format = format, Verbosity = verbosity };
                break;
            case "metadata":
                CheckMetadata(member, LongestMetadata, longest: 512);
                Repeat(member);
                break;
            case "client_metadata":
                // Codex says here from which machine and thread it asks: it is checked, and goes no further.
                CheckMetadata(member, most: 64, ModelLimits.RequestBytes);
                break;
            case "safety_identifier" or "user":
                ResponsesJson.Text(member, ModelLimits.NameLength);
                Repeat(member);
                break;
            case "prompt_cache_retention":
                // Read and dropped: the answer does not depend on how long the provider caches.
                ResponsesJson.Text(member, ModelLimits.NameLength);
                break;
            case "prompt_cache_options":
                ResponsesOptions.CheckCaching(member);
                break;
            case "access_programs":
                if (ResponsesJson.Array(member, ModelLimits.Tools).GetArrayLength() > 0)
                {
                    throw DialectException.Invalid("access_programs", "Programs of a maker that widen access are the operator's matter: leave 'access_programs' out.");
                }

                break;
            case "prompt_cache_key":
                _request = _request with { PromptCacheKey = ResponsesJson.Text(member, ModelLimits.NameLength) };
                break;
            default:
                AddNumber(member);
                break;
        }
    }

    private void AddNumber(JsonProperty member)
    {
        switch (member.Name)
        {
            case "max_output_tokens":
                _request = _request with { MaxOutputTokens = ResponsesJson.Whole(member, 1, ModelLimits.OutputTokens) };
                break;
            case "temperature":
                _request = _request with { Temperature = ResponsesJson.Number(member, 0, 2) };
                break;
            case "top_p":
                _request = _request with { TopP = ResponsesJson.Number(member, 0, 1) };
                break;
            case "presence_penalty":
                _request = _request with { PresencePenalty = ResponsesJson.Number(member, -2, 2) };
                break;
            case "frequency_penalty":
                _request = _request with { FrequencyPenalty = ResponsesJson.Number(member, -2, 2) };
                break;
            case "parallel_tool_calls":
                _request = _request with { ParallelToolCalls = ResponsesJson.Flag(member) };
                break;
            case "service_tier":
                _request = _request with { ServiceTier = ResponsesJson.OneOf(member, "auto", "default", "flex", "scale", "priority") };
                break;
            case "truncation":
                if (ResponsesJson.OneOf(member, "auto", "disabled") == "auto")
                {
                    throw DialectException.Invalid("truncation", "Input is never cut here: 'truncation' must be disabled.");
                }

                break;
            case "top_logprobs":
                if (ResponsesJson.Whole(member, 0, 20) != 0)
                {
                    throw DialectException.Invalid("top_logprobs", "Probabilities of tokens are not given: 'top_logprobs' must be 0.");
                }

                break;
            case "stream_options":
                ResponsesOptions.CheckStream(member);
                break;
            case "conversation":
                throw DialectException.Invalid("conversation", "Conversations are not kept here: send the items, or 'previous_response_id'.");
            case "prompt":
                throw DialectException.Invalid("prompt", "Prompts that are stored at OpenAI are not taken: send 'instructions' and 'input'.");
            case "max_tool_calls":
                throw DialectException.Invalid("max_tool_calls", "'max_tool_calls' counts tools that run at the provider, which are not taken.");
            case "context_management":
                throw DialectException.Invalid("context_management", "The context is not compacted here: send what the model is to read.");
            default:
                throw ResponsesJson.Unknown(member.Name);
        }
    }

    private void Repeat(JsonProperty member) => _echo[member.Name] = ResponsesJson.Compact(member.Value);

    private static void CheckMetadata(JsonProperty member, int most, int longest)
    {
        try
        {
            var count = 0;
            foreach (var entry in ResponsesJson.Object(member).EnumerateObject())
            {
                ResponsesJson.Text(entry, longest);
                if (++count > most || entry.Name.Length > ModelLimits.NameLength)
                {
                    throw DialectException.Invalid(entry.Name, $"There are more than {most} entries, or a name is too long.");
                }
            }
        }
        catch (DialectException e) when (e.Fault.Param != member.Name)
        {
            throw ResponsesJson.Within(member.Name, e);
        }
    }

    /// <summary>Members that may be null, which is as if they were not there; a member that nobody knows is refused also then.</summary>
    private static bool IsKnown(string name) => name is "input" or "instructions" or "tools" or "tool_choice" or "stream" or "store" or "background" or "previous_response_id" or "include" or "reasoning" or "text"
        or "metadata" or "client_metadata" or "safety_identifier" or "user" or "prompt_cache_key" or "max_output_tokens" or "temperature" or "top_p" or "parallel_tool_calls" or "service_tier" or "truncation"
        or "top_logprobs" or "stream_options" or "conversation" or "prompt" or "max_tool_calls" or "context_management" or "prompt_cache_retention" or "prompt_cache_options" or "access_programs" or "presence_penalty" or "frequency_penalty" or "moderation";
}
