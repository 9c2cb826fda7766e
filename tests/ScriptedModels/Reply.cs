namespace Agora.ScriptedModels;

/// <summary>What the model has to say. The request decides how much of it is said: its limits and stop sequences cut it, tools are called only if there are any, and reasoning is left out where the request turns it off.</summary>
public sealed record Reply
{
    /// <summary>The answer to a request that wants text.</summary>
    public string Text { get; init; } = "This is a scripted answer.";

    /// <summary>The answer to a request that wants JSON.</summary>
    public string Json { get; init; } = "{}";

    /// <summary>Instead of text, where the request has tools, allows them and does not end with a tool's result. A named choice of the request overrules the first one's name.</summary>
    public IReadOnlyList<ScriptedCall> Calls { get; init; } = [];

    /// <summary>Text before the calls, as models like to write.</summary>
    public bool SpeaksBeforeCalls { get; init; }

    public string Reasoning { get; init; } = "";

    /// <summary>Instead of the answer: OpenAI's refusal part, Anthropic's refusal, Google's SAFETY.</summary>
    public string? Refusal { get; init; }

    /// <summary>Of the request's tokens so many were read from the cache; at most as many as there are.</summary>
    public long CacheRead { get; init; }

    public long CacheWrite { get; init; }

    /// <summary>Anthropic only; elsewhere it is not written.</summary>
    public long CacheWriteLong { get; init; }

    /// <summary>Beside what texts and images count.</summary>
    public long InputAudio { get; init; }

    /// <summary>Beside what the text counts; told with the last usage only.</summary>
    public long OutputAudio { get; init; }

    /// <summary>Anthropic: output_tokens_details tells thinking apart. False: it is in the output, and so it is in the truth.</summary>
    public bool TellsThinking { get; init; } = true;

    /// <summary>Chat completions: reasoning is shown as reasoning_content, as many compatible servers do. OpenAI does not.</summary>
    public bool ShowsReasoningInChat { get; init; }

    /// <summary>As the maker names it; null: its usual one.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>What speech answers.</summary>
    public ReadOnlyMemory<byte> Audio { get; init; } = new byte[256];

    /// <summary>Time before the status line.</summary>
    public TimeSpan Before { get; init; }

    /// <summary>What the status line waits for; null: nothing.</summary>
    public Task? Until { get; init; }

    /// <summary>Null: the script's.</summary>
    public Delivery? Delivery { get; init; }

    /// <summary>For this reply; a rule of the script goes before it.</summary>
    public Fault? Fault { get; init; }

    public static Reply Of(string text) => new() { Text = text };

    /// <summary>Words that make up exactly so many tokens.</summary>
    public static Reply OfTokens(int tokens, int seed = 0) => new() { Text = Words.Of(tokens, seed) };
}

/// <param name="Name">Null: the first tool of the request.</param>
/// <param name="Arguments">JSON text, or anything at all if the model is to be wrong; of a custom tool its input.</param>
public sealed record ScriptedCall(string? Name, string Arguments);

/// <summary>How a body reaches the client.</summary>
public sealed record Delivery
{
    public static Delivery Usual { get; } = new();

    /// <summary>Characters of text, arguments or reasoning in each event.</summary>
    public int ChunkCharacters { get; init; } = 16;

    /// <summary>Before each event with content.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>What a stream waits for behind its first event with content; null: nothing.</summary>
    public Task? Until { get; init; }

    /// <summary>Null: each event is written for itself.</summary>
    public Pieces? Pieces { get; init; }
}

/// <summary>The body is cut at random bytes, wherever its events begin and end: they arrive split and glued.</summary>
/// <param name="Pause">Behind each piece: without one the network may put them together again.</param>
public sealed record Pieces(int Seed, int Least = 1, int Most = 64, TimeSpan Pause = default);
