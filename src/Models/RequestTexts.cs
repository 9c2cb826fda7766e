namespace Agora.Models;

/// <summary>What a request brings with it that no model wrote: instructions, what people said, and what tools brought.</summary>
public static class RequestTexts
{
    /// <summary>In their order, without blank ones.</summary>
    public static IReadOnlyList<string> Of(ModelRequest request) => [.. All(request).Where(static text => !string.IsNullOrWhiteSpace(text))];

    /// <summary>Some of it is no text that anybody here could read: numbers of tokens.</summary>
    public static bool IsHidden(ModelRequest request) => request is EmbeddingRequest embedding && embedding.Inputs.Any(static input => input is EmbeddingInput.Tokens);

    private static IEnumerable<string> All(ModelRequest request) => request switch
    {
        EmbeddingRequest e => e.Inputs.OfType<EmbeddingInput.Text>().Select(static input => input.Value),
        SpeechRequest s => [s.Input, s.Instructions ?? ""],
        _ => request.Items.SelectMany(static item => item switch
        {
            Item.Message { Role: not Role.Assistant } m => m.Parts,
            Item.ToolResult r => r.Parts,
            _ => [],
        }).OfType<Part.Text>().Select(static part => part.Value),
    };
}
