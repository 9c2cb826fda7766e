using System.Text.Json.Nodes;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>README's tour, the very text: a step that prints nothing, or a refusal, is a document that lies.</summary>
public sealed class TourTests
{
    private static readonly string Text = Block(Repository.Text("README.md"), "## A tour with curl");

    [Fact]
    public void The_tour_works_pasted_and_pasted_again()
    {
        using var shell = new Shell();
        var port = ServerProcess.FreeAddress().Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        var (exitCode, output, errors) = shell.Paste($"{Text}\necho ==\n{Text}", ("PORT", port));

        Assert.True(exitCode == 0, output + errors);
        var pasted = output.Split("==\n");
        Assert.Equal(2, pasted.Length);
        Assert.All(pasted, p => Assert.Contains("is logged in.", p, StringComparison.Ordinal));
        Assert.All(pasted, p => Assert.Equal([200, 200, 200, 201, 200, 200, 200], Replies(p).Select(Status)));
        Assert.All(pasted, p => Assert.Equal("succeeded", Replies(p)[2]["data"]!["state"]!.ToString()));
    }

    /// <summary>The first block under a heading.</summary>
    internal static string Block(string document, string heading)
    {
        var from = document.IndexOf("```bash\n", document.IndexOf($"{heading}\n", StringComparison.Ordinal), StringComparison.Ordinal) + "```bash\n".Length;
        return document[from..document.IndexOf("```\n", from, StringComparison.Ordinal)];
    }

    private static List<JsonNode> Replies(string output) => [.. output.Split('\n').Where(l => l.StartsWith("{\"", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l)!)];

    private static int Status(JsonNode reply) => reply["error"] is not null ? 400 : reply["data"]!["token"] is not null ? 201 : 200;
}
