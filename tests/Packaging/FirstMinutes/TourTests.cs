using System.Text.Json.Nodes;
using Agora.Crash.Support;

namespace Agora.Packaging.FirstMinutes;

/// <summary>The tour, the very text: a step that prints nothing, or a refusal, is a document that lies.</summary>
public sealed class TourTests
{
    private static readonly string Text = Block(Repository.Text("docs/tour.md"), "# A tour with curl");

    /// <summary>docs/gpt.md's, against the same server.</summary>
    private static readonly string Chat = Block(Repository.Text("docs/gpt.md"), "## Letting a chat in");

    /// <summary>docs/cli.md's, against it too.</summary>
    private static readonly string Cli = Block(Repository.Text("docs/cli.md"), "# The command line");

    /// <summary>docs/roles.md's, with a viewer's key that the server was given.</summary>
    private static readonly string Roles = Block(Repository.Text("docs/roles.md"), "## Keys");

    /// <summary>docs/webhooks.md's, begun before a run and interrupted after it.</summary>
    private static readonly string Listening = $"""
        ( {Block(Repository.Text("docs/webhooks.md"), "## Where no endpoint can be called").TrimEnd()} ) >listened 2>listening & listens=$!
        until grep -q 'The secret is whsec_' listening; do sleep 0.2; done
        ./agora run-service text-summary --input '{"{"}"text":"Who listens hears. Who does not, does not.","sentences":1{"}"}' >/dev/null
        until grep -q run.succeeded listened; do sleep 0.2; done
        kill -INT -- -$listens; wait $listens || test $? -eq 130 # interrupted
        cat listened
        """;

    /// <summary>docs/webhooks.md's first, where no receiver runs yet.</summary>
    private static readonly string Endpoint = Block(Repository.Text("docs/webhooks.md"), "## An endpoint");

    /// <summary>docs/testing.md's, with keys that the server was given: it makes them where it makes an operator's.</summary>
    private static readonly string TestMode = $"""
        mkdir -p tests-mode/data && cd tests-mode && printf %s "$TEST_ADMIN" >data/test-admin.access && printf %s "$TEST_PLATFORM" >data/test-platform.access
        {(Block(Repository.Text("docs/testing.md"), "## A first run") + Block(Repository.Text("docs/testing.md"), "## The clock")).Replace("http://127.0.0.1:8080", "http://127.0.0.1:$PORT", StringComparison.Ordinal).Replace("\n", "; echo\n", StringComparison.Ordinal)}
        cd .. && rm -r tests-mode
        """;

    [Fact]
    public void The_tour_works_pasted_and_pasted_again()
    {
        using var shell = new Shell();
        var port = ServerProcess.FreeAddress().Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        const string ChatKey = "chats-key-of-the-tour-0123456789abcdef";
        const string TestAdmin = "test_operator-key-of-the-tour-0123456789";
        const string Support = "viewers-key-of-the-tour-0123456789abcdef";
        const string TestPlatform = "test_platform-key-of-the-tour-0123456789";

        var (exitCode, output, errors) = shell.Paste($"{Text}\necho ==\n{Text}\necho ==\n{Chat}\necho ==\nexport XDG_CONFIG_HOME=$PWD/config\n{Cli}\necho ==\n{TestMode}\necho ==\n{Roles}\necho ==\n{Listening}\necho ==\nHOOK_PORT={ServerProcess.FreeAddress().Port}\n{Endpoint}echo $WEBHOOK_SECRET",
            ("PORT", port), ("CHAT_KEY", ChatKey), ("AGORA_GPT_KEYS", $"chat:{ChatKey}"), ("TEST_ADMIN", TestAdmin), ("TEST_PLATFORM", TestPlatform), ("SUPPORT_KEY", Support), ("AGORA_OPERATOR_KEYS", $"tests:{TestAdmin},support:{Support}:viewer"), ("AGORA_PLATFORM_KEYS", $"tests:{TestPlatform}"));

        Assert.True(exitCode == 0, output + errors);
        var parts = output.Split("==\n");
        Assert.Equal(8, parts.Length);
        var (pasted, chat, commands) = (parts[..2], parts[2], parts[3]);
        Assert.All(pasted, p => Assert.Contains("is logged in.", p, StringComparison.Ordinal));
        Assert.All(pasted, p => Assert.Equal([200, 200, 200, 201, 200, 200, 200, 400], Replies(p).Select(Status)));
        Assert.All(pasted, p => Assert.Equal("budget_exceeded", (string)Replies(p)[^1]["error"]!["code"]!));
        Assert.All(pasted, p => Assert.Equal("succeeded", Replies(p)[2]["data"]!["state"]!.ToString()));
        Assert.Equal((7, "human", "succeeded", "human"), Replies(chat) is { } said ? (said.Count, (string)said[4]["execution_mode"]!, (string)said[5]["state"]!, (string)said[6]["consents"]![0]!["granted_via"]!) : default);
        Assert.Equal("", errors.Split('\n').FirstOrDefault(line => line.Contains("wants", StringComparison.Ordinal) || line.Contains(": There is", StringComparison.Ordinal)) ?? "");
        Assert.Matches("[0-9:]{8} run[.]succeeded +[0-9ER]+ +service text-summary  2 cents", parts[6]);
        Assert.All((string[])["\"webhook_id\":\"books\"", "\nwhsec_"], said => Assert.Contains(said, parts[7], StringComparison.Ordinal));
        Assert.DoesNotContain("\"error\":{", parts[7], StringComparison.Ordinal);
        Assert.Equal(("success", "forbidden"), Replies(parts[5]) is [var seen, var refused] ? ((string)seen["status"]!, (string)refused["error"]!["code"]!) : default);
        Assert.Contains("\"state\":\"succeeded\"", parts[4], StringComparison.Ordinal);
        Assert.Contains("\"offset_seconds\":86400", parts[4], StringComparison.Ordinal);
        Assert.DoesNotContain("\"error\"", parts[4], StringComparison.Ordinal);
        Assert.All((string[])["ok   server", "POST http://127.0.0.1:", "service_id,", "succeeded"], said => Assert.Contains(said, commands, StringComparison.Ordinal));
    }

    /// <summary>The lines before the first step, which start the server.</summary>
    private static readonly string Start = Text[..Text.IndexOf("\n# 1.", StringComparison.Ordinal)];

    [Theory]
    [InlineData("an Agora with other keys", "./run", "/run -H")]
    [InlineData("another program", "python3", "Serving")]
    public void Where_another_server_answers_at_its_port_the_tour_says_so_and_does_not_wait(string _, string program, string serves)
    {
        using var shell = new Shell();
        var address = ServerProcess.FreeAddress();
        var port = address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string[] command = program == "./run" ? [program, "--urls", address.ToString().TrimEnd('/')] : [program, "-u", "-m", "http.server", "--bind", "127.0.0.1", port];
        var (other, _) = shell.Begin(serves, command);
        try
        {
            var (_, _, errors) = shell.Paste(Start, ("PORT", port));

            Assert.Contains($"At http://127.0.0.1:{port} is another server", errors, StringComparison.Ordinal);
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            other.WaitForExit();
            other.Dispose();
        }
    }

    /// <summary>What it starts holds neither standard output nor standard error, so whoever reads the tour through a pipe sees its end while the server goes on.</summary>
    [Fact]
    public void A_pipe_that_the_tour_writes_to_ends_with_it()
    {
        using var shell = new Shell();
        var port = ServerProcess.FreeAddress().Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        var (exitCode, output, errors) = shell.Paste($"set +m; {{ {Start}\necho $! >left; }} 2>&1 | cat; curl -sf http://127.0.0.1:{port}/healthz >/dev/null && echo served; pkill -P $(cat left)", ("PORT", port));

        Assert.True(exitCode == 0, output + errors);
        Assert.EndsWith("served\n", output, StringComparison.Ordinal);
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
