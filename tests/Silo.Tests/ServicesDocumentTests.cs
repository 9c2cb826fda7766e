using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Agora.Outbound;
using Agora.Proof.Calls;
using Agora.Proof.Keys;

namespace Agora.Silo.Tests;

/// <summary>The numbers of docs/services.md are those of the limits, and what it offers to copy takes what Agora signs.</summary>
public sealed partial class ServicesDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path());

    [Fact]
    public void Its_numbers_are_those_of_the_limits()
    {
        Assert.All(
            (string[])
            [
                $"at most {OutboundLimits.MaxResponseBytes} bytes, no deeper than {Limits.OutputDepth}",
                $"at most {OutboundLimits.MaxResponseHeaderKilobytes} KiB",
                $"at most {Limits.ServiceTimeoutMs}. There are at most {OutboundLimits.MaxAttempts} attempts",
                $"have {Limits.RunDeadline.TotalSeconds} s",
                $"{Limits.FailuresThatDisable} in a row",
                $"within {Limits.TellCancelled.TotalSeconds} s",
                $"the tag `{CallSigner.Tag}`",
            ],
            said => Assert.Contains(said, Text, StringComparison.Ordinal));
        Assert.All(CallSigner.Components, component => Assert.Contains($"`{component}`", Text, StringComparison.Ordinal));
    }

    [NodeFact]
    public async Task Its_lines_take_what_is_signed_and_nothing_that_was_changed()
    {
        const string Url = "https://service.example/run?x=1";
        var body = """{"text":"h\u00e9"}"""u8.ToArray();
        using var keys = new SigningKeys(new MemoryJournal(TimeProvider.System), new byte[32], TimeProvider.System);
        await keys.Load(mayMake: true, CancellationToken.None);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } } };
        request.Headers.Add("Idempotency-Key", "key-1");
        foreach (var (name, value) in (await new CallSigner(keys, TimeProvider.System).Sign(request, body, CancellationToken.None))!) request.Headers.TryAddWithoutValidation(name, value);
        var asked = new JsonObject
        {
            ["url"] = Url,
            ["headers"] = new JsonObject([.. request.Headers.Concat(request.Content.Headers).Select(h => KeyValuePair.Create(h.Key.ToLowerInvariant(), (JsonNode?)h.Value.Single()))]),
            ["body"] = Convert.ToBase64String(body),
            ["jwks"] = new JsonObject { ["keys"] = new JsonArray([.. (await keys.Public(CancellationToken.None)).Select(k => k.Document())]) },
        };

        Assert.Equal("true", await Node(asked));
        Assert.Equal("false", await Node(Changed(asked, a => a["url"] = Url + "2")));
        Assert.Equal("false", await Node(Changed(asked, a => a["body"] = "")));
        Assert.Equal("false", await Node(Changed(asked, a => a["headers"]!["idempotency-key"] = "key-2")));
        Assert.Equal("false", await Node(Changed(asked, a => a["headers"]!.AsObject().Remove("signature"))));
        Assert.Equal("false", await Node(Changed(asked, a => a["headers"]!.AsObject().Remove("signature-input"))));
        Assert.Equal("false", await Node(Changed(asked, a => a["jwks"]!["keys"]!.AsArray().Clear())));
        Assert.Equal("false", await Node(Changed(asked, a => a["later"] = 61)));
    }

    private static JsonNode Changed(JsonNode asked, Action<JsonNode> change)
    {
        var copy = asked.DeepClone();
        change(copy);
        return copy;
    }

    private static async Task<string> Node(JsonNode asked)
    {
        var script = $"{Block().Match(Text).Groups[1].Value}\nconst a = {asked.ToJsonString()};\n"
            + "console.log(isAgora('POST', a.url, a.headers, Buffer.from(a.body, 'base64'), a.jwks, Date.now() / 1000 + (a.later ?? 0)));";
        using var node = Process.Start(new ProcessStartInfo("node", ["--input-type=module", "-e", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = node.StandardError.ReadToEndAsync();
        var said = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        return said.Trim();
    }

    private static string Path([CallerFilePath] string file = "") => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file)!, "../../docs/services.md");

    [GeneratedRegex("```js\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    private sealed class NodeFactAttribute : FactAttribute
    {
        public NodeFactAttribute() =>
            Skip = Testing.Programs.Find("node") is null ? "Node is not on the PATH" : null;
    }
}
