using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Samples.TextService;

/// <summary>What the routes take. Each says by itself what is wrong with it.</summary>
internal interface ITextRequest
{
    const int MaxTextCharacters = 50_000;

    string Text { get; }

    /// <summary>Null when acceptable, else a sentence.</summary>
    string? Problem() =>
        string.IsNullOrWhiteSpace(Text) ? "text must hold something to work on."
        : Text.Length > MaxTextCharacters ? $"text must not be longer than {MaxTextCharacters} characters."
        : OwnProblem();

    string? OwnProblem() => null;
}

internal sealed record SummarizeRequest(string Text, int Sentences = 3, int MaxLength = ITextRequest.MaxTextCharacters) : ITextRequest
{
    public string? OwnProblem() =>
        Sentences is < 1 or > 20 ? "sentences must be from 1 to 20."
        : MaxLength is < 20 or > ITextRequest.MaxTextCharacters ? $"max_length must be from 20 to {ITextRequest.MaxTextCharacters}."
        : null;
}

internal sealed record KeywordsRequest(string Text, int Count = 10) : ITextRequest
{
    public string? OwnProblem() => Count is < 1 or > 50 ? "count must be from 1 to 50." : null;
}

internal sealed record SentimentRequest(string Text) : ITextRequest;

internal static class Wire
{
    /// <summary>Strict in what is read: a misspelt member would otherwise be a silently different request.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 8,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All),
    };
}
