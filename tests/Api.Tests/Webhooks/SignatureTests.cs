using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Agora.Api.Tests.Support;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Crypto.Webhooks;
using Agora.Grains.Webhooks;
using Agora.Outbound;
using Agora.Testing;

namespace Agora.Api.Tests.Webhooks;

/// <summary>Others verify what we sign: the package of Standard Webhooks, node's crypto, and the receivers that docs/webhooks.md offers to copy.</summary>
public sealed partial class SignatureTests
{
    private static readonly byte[] Seed = [.. Enumerable.Range(1, WebhookKey.SeedBytes).Select(i => (byte)i)];
    private static readonly byte[] Body = """{"type":"run.succeeded","timestamp":"2030-01-01T00:00:00.000000Z","data":{"name":"é"}}"""u8.ToArray();

    [Fact]
    public void Each_signature_holds_for_the_very_message_and_no_other()
    {
        using var key = new WebhookKey(Seed);
        using var other = new WebhookKey([.. Seed.Reverse()]);
        var v1a = Convert.FromBase64String(key.Sign("evt_1", 1_900_000_000, Body).Split(' ')[1]["v1a,".Length..]);
        var published = new Ed25519PublicKey(Convert.FromBase64String(key.PublicKey["whpk_".Length..]));

        Assert.True(published.Verify([.. "evt_1.1900000000."u8, .. Body], v1a));
        Assert.False(published.Verify([.. "evt_2.1900000000."u8, .. Body], v1a));
        Assert.NotEqual((key.Secret, key.PublicKey), (other.Secret, other.PublicKey));
        Assert.NotEqual(key.Secret["whsec_".Length..], key.PublicKey["whpk_".Length..]);
    }

    [NodePackagesFact]
    public async Task The_package_of_Standard_Webhooks_and_Node_accept_both_and_refuse_a_changed_body()
    {
        using var key = new WebhookKey(Seed);
        Assert.Equal("""{"v1":"run.succeeded","v1a":true}""", await Verified(key, Encoding.UTF8.GetString(Body)));
        Assert.Equal("""{"v1":"No matching signature found","v1a":false}""", await Verified(key, Encoding.UTF8.GetString(Body).Replace("run", "ran", StringComparison.Ordinal)));
    }

    [InterpreterFact("python3")]
    public Task The_documents_receiver_in_Python_takes_what_its_secret_signed_answers_401_to_all_else_and_goes_on() => Receives("python", "python3", "-c");

    [InterpreterFact("node")]
    public Task The_documents_receiver_for_Node_takes_what_its_secret_signed_answers_401_to_all_else_and_goes_on() => Receives("js", "node", "--input-type=module", "-e");

    private static async Task Receives(string language, string program, params string[] arguments)
    {
        var code = Fence().Matches(await File.ReadAllTextAsync(Repository.File("docs/webhooks.md"))).Single(fence => fence.Groups[1].Value == language).Groups[2].Value;
        Assert.InRange(code.Trim().Split('\n').Length, 1, 13);
        var port = FreePort.Next();
        using var key = new WebhookKey(Seed);
        var start = new ProcessStartInfo(program, [.. arguments, code]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["WEBHOOK_SECRET"], start.Environment["HOOK_PORT"]) = (key.Secret, port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var process = Process.Start(start)!;
        try
        {
            using var outbound = new HttpOutbound(AllowList.Parse("127.0.0.0/8"), TimeProvider.System);
            var post = new WebhookPost(outbound, TimeProvider.System);
            Assert.Equal(204, await Listened(post, port, Seed));
            Assert.Equal(401, await Listened(post, port, [.. Seed.Reverse()]));
            await Leave(port);
            foreach (var (id, at, signature) in NotOurs(key)) Assert.Equal((401, id, at, signature), (await Posted(port, id, at, signature), id, at, signature));
            Assert.Equal(204, await Listened(post, port, Seed));
            for (var taken = 0; taken < 2; taken++) Assert.Equal(Encoding.UTF8.GetString(Body), await process.StandardOutput.ReadLineAsync());
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>Headers with which no receiver takes a message: of an unsigned one, of one of another text, of one from five minutes ago, and such as only somebody else sends.</summary>
    private static IEnumerable<(string? Id, string? At, string? Signature)> NotOurs(WebhookKey key)
    {
        var (now, old) = (DateTimeOffset.UtcNow.ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddMinutes(-6).ToUnixTimeSeconds());
        var good = key.Sign("evt_1", now, Body);
        return
        [
            (null, null, null), ("evt_1", null, null), ("evt_1", $"{now}", null), ("evt_1", null, good), (null, $"{now}", good), ("evt_2", $"{now}", good), ("evt_1", $"{now + 1}", good), ("evt_1", $"{old}", good),
            ("evt_1", $"{old}", key.Sign("evt_1", old, Body)), ("evt_1", "now", good), ("evt_1", $"{now}", ""), ("evt_1", $"{now}", "v1"), ("evt_1", $"{now}", $"v1,é{new string('A', 42)}="),
        ];
    }

    private static async Task<int> Posted(int port, string? id, string? at, string? signature)
    {
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1 });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/") { Content = new ByteArrayContent(Body) };
        foreach (var (name, value) in new[] { ("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signature) })
        {
            if (value is not null)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    /// <summary>A caller that goes in the middle of its body.</summary>
    private static async Task Leave(int port)
    {
        using var client = new TcpClient { LingerState = new(true, 0) };
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
    }

    private static async Task<int?> Listened(WebhookPost post, int port, byte[] seed)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var until = DateTime.UtcNow + TimeSpan.FromSeconds(30); ; await timer.WaitForNextTickAsync())
        {
            var answer = await post.Post(new(Tenant.Default.Webhook("books"), $"http://127.0.0.1:{port}/", "evt_1", Body, [Personal.Of(Convert.ToBase64String(seed))]), CancellationToken.None);
            if (answer.Status is not null) return answer.Status;

            Assert.True(DateTime.UtcNow < until, answer.Error);
        }
    }

    private static async Task<string> Verified(WebhookKey key, string body)
    {
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var headers = new Dictionary<string, string> { ["webhook-id"] = "evt_1", ["webhook-timestamp"] = $"{at}", ["webhook-signature"] = key.Sign("evt_1", at, Body) };
        return (await NodePackages.Run(JsonSerializer.Serialize(new { headers, body, secret = key.Secret, publicKey = key.PublicKey }), "verify-webhook.mjs")).Trim();
    }

    [GeneratedRegex("```(python|js)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}

/// <summary>Where the program is not on the PATH the test is skipped by name.</summary>
public sealed class InterpreterFactAttribute : FactAttribute
{
    public InterpreterFactAttribute(string program) =>
        Skip = Testing.Programs.Find(program) is null ? $"{program} is not on the PATH" : null;
}
