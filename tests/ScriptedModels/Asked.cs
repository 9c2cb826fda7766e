using System.Text.Json;

namespace Agora.ScriptedModels;

public enum Maker
{
    OpenAi = 1,
    Anthropic = 2,
    Google = 3,
}

public enum Endpoint
{
    Chat = 1,
    Responses = 2,
    Embeddings = 3,
    Speech = 4,
    Models = 5,
    Messages = 6,
    CountTokens = 7,
    Generate = 8,
    Moderations = 9,
}

/// <summary>A request as far as a script may look at it: checked, and the same for all makers.</summary>
/// <param name="Body">Valid only while the request is served; undefined where there is none.</param>
public sealed record Asked(int Number, Maker Maker, Endpoint Endpoint, string Path, string Key, JsonElement Body)
{
    public string Model { get; init; } = "";

    public bool Stream { get; init; }

    /// <summary>Chat completions tell usage in a stream only if they are asked to.</summary>
    public bool IncludeUsage { get; init; } = true;

    /// <summary>Of reasoning and answer together.</summary>
    public int? MaxTokens { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    public IReadOnlyList<AskedTool> Tools { get; init; } = [];

    /// <summary>False: tools are given, but none may be called.</summary>
    public bool MayCall { get; init; } = true;

    /// <summary>The one that has to be called.</summary>
    public string? MustCall { get; init; }

    /// <summary>The context ends with what tools answered.</summary>
    public bool EndsWithToolResult { get; init; }

    public bool WantsJson { get; init; }

    public bool MayReason { get; init; } = true;

    public bool ShowsReasoning { get; init; }

    /// <summary>OpenAI: reasoning.encrypted_content is to be included.</summary>
    public bool WantsSeal { get; init; }

    public int? MaxReasoning { get; init; }

    /// <summary>By <see cref="Tokens"/>.</summary>
    public long InputTokens { get; init; }
}

public sealed record AskedTool(string Name, bool IsCustom = false);
