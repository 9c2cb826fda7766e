using System.Text.Json.Nodes;

namespace Agora.Clients.Tests.Models;

/// <summary>docs/models.md, whose blocks are run as they stand: only the server's address is another.</summary>
internal static class Manual
{
    public const string Model = "house-model";

    private static readonly string Text = Repository.Text("docs/models.md");

    public static string Codex => Block("### Codex", "toml");

    /// <summary>How an agent of others is started, with its settings.</summary>
    public static string Shell(string agent) => Block($"### {agent}", "sh");

    public static JsonNode Put => JsonNode.Parse(Block("`PUT /admin/services/house-model`:", "json"))!;

    /// <summary>Of programs, each by the first of its lines.</summary>
    public static IReadOnlyList<string> Programs => [.. Text.Split("```js\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)])];

    public static string At(string block, string url) => block.Replace("http://127.0.0.1:8080", url, StringComparison.Ordinal);

    private static string Block(string behind, string language)
    {
        var fence = $"```{language}\n";
        var from = Text.IndexOf(fence, Text.IndexOf(behind, StringComparison.Ordinal), StringComparison.Ordinal) + fence.Length;
        return Text[from..Text.IndexOf("```", from, StringComparison.Ordinal)];
    }
}
