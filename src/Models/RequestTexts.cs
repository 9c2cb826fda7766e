namespace Agora.Models;

/// <summary>All that a request says, whoever wrote it: a client may write what it says a model wrote.</summary>
public static class RequestTexts
{
    /// <summary>In their order, without blank ones. What one message says is one text, however many parts it has.</summary>
    public static IReadOnlyList<string> Of(ModelRequest request) => [.. All(request).Where(static text => !string.IsNullOrWhiteSpace(text))];

    /// <summary>Some of it is no text that anybody here could read: numbers of tokens.</summary>
    public static bool IsHidden(ModelRequest request) => request is EmbeddingRequest embedding && embedding.Inputs.Any(static input => input is EmbeddingInput.Tokens);

    private static IEnumerable<string> All(ModelRequest request) => request switch
    {
        EmbeddingRequest e => e.Inputs.OfType<EmbeddingInput.Text>().Select(static input => input.Value),
        SpeechRequest s => [s.Input, s.Instructions ?? "", s.Voice],
        _ => [.. request.Tools.SelectMany(Of), .. Of(request.Format), .. request.Stop, .. request.Items.SelectMany(Of)],
    };

    private static string[] Of(Tool tool) => [tool.Name, tool.Description ?? "", tool.Parameters ?? ""];

    private static string[] Of(OutputFormat format) => format is OutputFormat.ByJsonSchema schema ? [schema.Name, schema.Description ?? "", schema.Schema] : [];

    private static string[] Of(Item item) => item switch
    {
        Item.Message m => [m.Name ?? "", string.Concat(m.Parts.Select(Of)), .. m.Parts.OfType<Part.Image>().Select(static image => image.Url ?? "")],
        Item.ToolCall c => [c.Name, c.Arguments],
        Item.ToolResult r => [string.Concat(r.Parts.Select(Of)), .. r.Parts.OfType<Part.Image>().Select(static image => image.Url ?? "")],
        Item.Reasoning r => [string.Concat(r.Summary), r.Text],
        _ => [],
    };

    private static string Of(Part part) => part switch
    {
        Part.Text text => text.Value,
        Part.Refusal refusal => refusal.Value,
        _ => "",
    };
}
