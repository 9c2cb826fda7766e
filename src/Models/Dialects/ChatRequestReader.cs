using System.Collections.Frozen;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Reads the members of a request's body, each by its name.</summary>
internal sealed class ChatRequestReader
{
    /// <summary>Known, and not done: each would cost what nobody here can bound, or means what the reply would then not hold.</summary>
    private static readonly FrozenDictionary<string, string> NotDone = new Dictionary<string, string>
    {
        ["audio"] = "Audio is not written here: leave 'audio' out.",
        ["function_call"] = "'function_call' is out of use: say 'tool_choice'.",
        ["functions"] = "'functions' is out of use: say 'tools'.",
        ["logit_bias"] = "'logit_bias' is not passed on: its token ids mean something else to each model.",
        ["moderation"] = "Moderation is not done here: leave 'moderation' out.",
        ["prediction"] = "'prediction' is not passed on: what of it is rejected would be billed as output.",
        ["top_logprobs"] = "Log probabilities are not passed on: leave 'top_logprobs' out.",
        ["web_search_options"] = "Searches that the provider runs cost by the call, and are not taken: offer a tool of your own.",
    }.ToFrozenDictionary();

    private static readonly ChatPlace Body = new();
    private static readonly ChatPlace Caching = new("prompt_cache_options");

    private string? _model;
    private IReadOnlyList<Item>? _items;
    private int? _maxTokens;
    private int? _maxCompletionTokens;
    private IReadOnlyList<Tool> _tools = [];
    private ToolChoice _toolChoice = ToolChoice.Auto;
    private bool? _parallelToolCalls;
    private OutputFormat _format = OutputFormat.Text;
    private string? _effort;
    private double? _temperature;
    private double? _topP;
    private int? _topK;
    private double? _presencePenalty;
    private double? _frequencyPenalty;
    private long? _seed;
    private IReadOnlyList<string> _stop = [];
    private string? _verbosity;
    private string? _serviceTier;
    private string? _promptCacheKey;
    private bool _stream;
    private bool _includeUsage;

    private ChatRequestReader()
    {
    }

    public static ModelRequest Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) throw DialectException.Invalid("", "The body is a JSON object.");

        var reader = new ChatRequestReader();
        foreach (var member in body.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            if (reader.TakesContent(name, value) || reader.TakesSampling(name, value) || reader.TakesDelivery(name, value) || IsHint(name, value))
            {
                continue;
            }

            if (!NotDone.TryGetValue(name, out var why)) throw Body.Unknown(name);
            if (!SaysNothing(name, value)) throw Body.Refuse(name, why);
        }

        return reader.Request();
    }

    private bool TakesContent(string name, JsonElement value)
    {
        switch (name)
        {
            case "model":
                _model = Body.Name(value, name);
                return true;
            case "messages":
                _items = ChatMessages.Read(value);
                return true;
            case "tools":
                _tools = ChatTools.Read(value);
                return true;
            case "tool_choice":
                _toolChoice = ChatTools.ReadChoice(value);
                return true;
            case "parallel_tool_calls":
                _parallelToolCalls = Body.Flag(value, name);
                return true;
            case "response_format":
                _format = ChatFormats.Read(value);
                return true;
            case "reasoning_effort":
                _effort = Body.OneOf(value, name, ["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
                return true;
            case "verbosity":
                _verbosity = Body.OneOf(value, name, ["low", "medium", "high"]);
                return true;
            case "max_tokens":
                _maxTokens = (int?)Body.Whole(value, name, 1, ModelLimits.OutputTokens);
                return true;
            case "max_completion_tokens":
                _maxCompletionTokens = (int?)Body.Whole(value, name, 1, ModelLimits.OutputTokens);
                return true;
            default:
                return false;
        }
    }

    private bool TakesSampling(string name, JsonElement value)
    {
        switch (name)
        {
            case "temperature":
                _temperature = Body.Number(value, name, 0, 2);
                return true;
            case "top_p":
                _topP = Body.Number(value, name, 0, 1);
                return true;
            case "top_k":
                _topK = (int?)Body.Whole(value, name, 1, int.MaxValue);
                return true;
            case "presence_penalty":
                _presencePenalty = Body.Number(value, name, -2, 2);
                return true;
            case "frequency_penalty":
                _frequencyPenalty = Body.Number(value, name, -2, 2);
                return true;
            case "seed":
                _seed = Body.Whole(value, name, long.MinValue, long.MaxValue);
                return true;
            case "stop":
                _stop = Stops(value);
                return true;
            case "n":
                if (Body.Whole(value, name, 0, int.MaxValue) is not (null or 1))
                {
                    throw Body.Refuse(name, "One answer is made for a request: 'n' is 1.");
                }

                return true;
            case "logprobs":
                if (Body.Flag(value, name) == true) throw Body.Refuse(name, "Log probabilities are not passed on: 'logprobs' is false.");
                return true;
            case "modalities":
                OnlyText(value);
                return true;
            default:
                return false;
        }
    }

    private bool TakesDelivery(string name, JsonElement value)
    {
        switch (name)
        {
            case "stream":
                _stream = Body.Flag(value, name) ?? false;
                return true;
            case "stream_options":
                _includeUsage = ChatFormats.WantsUsage(value);
                return true;
            case "service_tier":
                _serviceTier = Body.OneOf(value, name, ["auto", "default", "flex", "scale", "priority"]);
                return true;
            case "prompt_cache_key":
                _promptCacheKey = Body.Name(value, name);
                return true;
            case "store":
                if (Body.Flag(value, name) == true) throw Body.Refuse(name, "Chat completions are not kept here to be read again: 'store' is false.");
                return true;
            default:
                return false;
        }
    }

    /// <summary>What a client says for the records of its provider, and the answer is the same without.</summary>
    private static bool IsHint(string name, JsonElement value)
    {
        switch (name)
        {
            case "metadata":
                Body.IsObject(value, name);
                return true;
            case "user":
            case "safety_identifier":
            case "prompt_cache_retention":
                Body.Text(value, name);
                return true;
            case "prompt_cache_options":
                CacheOptions(value);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Accepts implicit caching, which is the default. Explicit caching would keep a provider from writing to its cache, and from billing that, without a mark.</summary>
    private static void CacheOptions(JsonElement value)
    {
        if (!Caching.IsObject(value, "")) return;

        foreach (var member in value.EnumerateObject())
        {
            switch (member.Name)
            {
                case "mode":
                    if (Caching.OneOf(member.Value, "mode", ["implicit", "explicit"]) == "explicit")
                    {
                        throw Caching.Refuse("mode", "The provider caches as it does by itself: 'prompt_cache_options.mode' is implicit.");
                    }

                    break;
                case "ttl":
                    Caching.Text(member.Value, "ttl");
                    break;
                default:
                    throw Caching.Unknown(member.Name);
            }
        }
    }

    /// <summary>Whether a member that is not supported has a value that asks for nothing.</summary>
    private static bool SaysNothing(string name, JsonElement value) => (name, value.ValueKind) switch
    {
        (_, JsonValueKind.Null) => true,
        ("functions", JsonValueKind.Array) => value.GetArrayLength() == 0,
        ("function_call", JsonValueKind.String) => value.ValueEquals("none"u8) || value.ValueEquals("auto"u8),
        ("logit_bias", JsonValueKind.Object) => !value.EnumerateObject().Any(),
        ("top_logprobs", JsonValueKind.Number) => value.TryGetInt32(out var number) && number == 0,
        _ => false,
    };

    private static void OnlyText(JsonElement value)
    {
        if (!Body.IsList(value, "modalities", 8)) return;

        foreach (var modality in value.EnumerateArray())
        {
            if (Body.Text(modality, "modalities") != "text")
            {
                throw Body.Refuse("modalities", "Only text is written here: 'modalities' is [\"text\"].");
            }
        }
    }

    private static IReadOnlyList<string> Stops(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) return value.ValueEquals(""u8) ? [] : [Stop(value)];
        if (!Body.IsList(value, "stop", ModelLimits.StopSequences)) return [];

        return [.. value.EnumerateArray().Select(Stop)];
    }

    private static string Stop(JsonElement value)
    {
        var stop = Body.Text(value, "stop");
        return string.IsNullOrEmpty(stop) ? throw Body.Refuse("stop", "A text of 'stop' is not empty.") : stop;
    }

    private ModelRequest Request()
    {
        if (_maxTokens is { } most && _maxCompletionTokens is { } mostNow && most != mostNow)
        {
            throw Body.Refuse("max_tokens", "Send 'max_completion_tokens' or 'max_tokens', or the same number in both.");
        }

        ChatTools.Check(_tools, _toolChoice);
        return new(_model ?? throw Body.Missing("model"), _items ?? throw Body.Missing("messages"))
        {
            MaxOutputTokens = _maxCompletionTokens ?? _maxTokens,
            Tools = _tools,
            ToolChoice = _toolChoice,
            ParallelToolCalls = _parallelToolCalls,
            Format = _format,
            Reasoning = _effort is null ? null : new(_effort, IsOff: _effort == "none"),
            Temperature = _temperature,
            TopP = _topP,
            TopK = _topK,
            PresencePenalty = _presencePenalty,
            FrequencyPenalty = _frequencyPenalty,
            Seed = _seed,
            Stop = _stop,
            Verbosity = _verbosity,
            ServiceTier = _serviceTier,
            PromptCacheKey = _promptCacheKey,
            Stream = _stream,
            IncludeUsage = _includeUsage,
        };
    }
}
