using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http;
using Agora.Client.Http.Sealing;
using Agora.Crypto;

namespace Agora.Clients.Tests.Sealing;

/// <summary>Each client signs with its key ring: a server takes that, in a session and without, and public packages verify it.</summary>
[Collection(nameof(ClientWorld))]
public sealed class SignedRequestTests(ClientWorld world)
{
    private const string Folder = "tests/Clients.Tests/Sealing";
    private const string Called = "https://agora.example/agents/a/heartbeat?x=1";
    private const string Body = """{"lease_seconds":60}""";

    [InterchangeTheory]
    [InlineData("C#")]
    [InlineData("TypeScript")]
    [InlineData("Python")]
    public async Task What_a_client_signs_is_taken_and_others_verify_it(string client)
    {
        await TypeScript.Compile();
        var folder = Directory.CreateTempSubdirectory("agora-signed-").FullName;
        try
        {
            var (agent, path) = ($"signer-{Guid.NewGuid():N}", Path.Combine(folder, "ring.json"));
            using var ring = KeyRing.Create(agent, path);
            await Register(agent, Seed(path));
            JsonObject asked = new() { ["ring"] = path, ["url"] = world.Url, ["key"] = world.Settings["AGENT_API_KEY"], ["user"] = agent, ["called"] = Called, ["body"] = Body };

            var done = client switch
            {
                "C#" => await Done(ring, world.Settings["AGENT_API_KEY"]),
                "TypeScript" => await Said("node", asked, "signed.mjs"),
                _ => await Said("python3", asked, "signed.py"),
            };

            Assert.Equal(("online", agent), ((string?)done["status"], (string?)done["acts_as"]));
            var headers = done["headers"]!.AsObject();
            Assert.Equal("""{"http-message-signatures":true,"http-message-sig":true}""", await Verified(ring, "POST", headers));
            Assert.DoesNotContain("true", await Verified(ring, "PUT", headers), StringComparison.Ordinal);
            headers["Idempotency-Key"] = "twice";
            Assert.DoesNotContain("true", await Verified(ring, "POST", headers), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Whoever stands between could else have it done otherwise.</summary>
    [Theory]
    [InlineData("Idempotency-Key")]
    [InlineData("PAYMENT-SIGNATURE")]
    [InlineData("X-PAYMENT")]
    [InlineData("Stream-Closed")]
    [InlineData("Stream-Seq")]
    [InlineData("Producer-Id")]
    [InlineData("Producer-Epoch")]
    [InlineData("Producer-Seq")]
    public void Header_that_decides_what_is_done_is_signed_where_it_is_sent(string name)
    {
        using var ring = KeyRing.Create("signer");
        using var request = new HttpRequestMessage(HttpMethod.Post, Called) { Content = new StringContent(Body) };
        request.Headers.Add(name, "7");
        ring.SignRequest(request, Encoding.UTF8.GetBytes(Body), session: "s-1");

        var covered = Assert.Single(request.Headers.GetValues("Signature-Input")).Split(')')[0];
        Assert.All(["@method", "@target-uri", "content-digest", "agora-session", name.ToLowerInvariant()], field => Assert.Contains($"\"{field}\"", covered, StringComparison.Ordinal));
    }

    private static byte[] Seed(string path) => Base64Url.DecodeFromChars((string)JsonNode.Parse(File.ReadAllText(path))!["signing"]!);

    private static Task<string> Verified(KeyRing ring, string method, JsonObject headers) => NodeProgram.Run(
        "tests/Api.Tests",
        new JsonObject { ["key"] = new JsonObject { ["kty"] = "OKP", ["crv"] = "Ed25519", ["x"] = ring.Card.SigningKey }, ["method"] = method, ["url"] = Called, ["headers"] = headers.DeepClone() }.ToJsonString(),
        "Signed/verify.mjs").ContinueWith(said => said.Result.Trim(), TaskScheduler.Default);

    private async Task<JsonNode> Done(KeyRing ring, string key)
    {
        await using var own = new AgoraAgent(new() { Url = new(world.Url), Keys = ring });
        var status = (await own.Send<JsonElement>(HttpMethod.Post, $"/agents/{ring.Agent}/heartbeat", new { lease_seconds = 60 })).Data.GetProperty("status").GetString();
        await using var agent = new AgoraAgent(new() { Url = new(world.Url), Key = key, UserId = ring.Agent, Scopes = new() { BudgetLimitCents = 1 }, Keys = ring });
        var actsAs = (await agent.Tree()).Data.Tree.AgentId;
        await agent.Close();

        var body = Encoding.UTF8.GetBytes(Body);
        using var request = new HttpRequestMessage(HttpMethod.Post, Called) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "once");
        ring.SignRequest(request, body, "session-1");
        return new JsonObject { ["status"] = status, ["acts_as"] = actsAs, ["headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Key, string.Join(", ", header.Value)))) };
    }

    private static async Task<JsonNode> Said(string program, JsonObject asked, string script)
    {
        var (exitCode, output, errors) = await NodeProgram.Ended(Folder, program, asked.ToJsonString(), [script], ("PYTHONPATH", Repository.File("clients/python/src")), ("PYTHONDONTWRITEBYTECODE", "1"));
        Assert.True(exitCode == 0, $"{script} ended with {exitCode}: {errors}{output}");
        return JsonNode.Parse(output)!;
    }

    private async Task Register(string agent, byte[] seed)
    {
        using var key = new Ed25519PrivateKey(seed);
        JsonObject Key(string curve) => new() { ["kty"] = "OKP", ["crv"] = curve, ["x"] = Base64Url.EncodeToString(key.PublicKey.Span) };
        var sealing = Key("X25519");
        sealing["kid"] = "1";
        var card = new JsonObject
        {
            ["agent_id"] = agent, ["version"] = 1, ["name"] = "Signer", ["description"] = "Signs", ["skills"] = new JsonArray(), ["signing_key"] = Key("Ed25519"), ["encryption_key"] = sealing, ["created_at"] = "2026-11-22T00:00:00Z",
        };
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new(world.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", world.Settings["AGENT_API_KEY"]);
        var put = new JsonObject { ["card"] = Jws.Sign("agora-card", Encoding.UTF8.GetBytes(card.ToJsonString()), key) };
        using var reply = await http.PutAsync($"/agents/{agent}", new StringContent(put.ToJsonString(), Encoding.UTF8, "application/json"));
        Assert.True(reply.IsSuccessStatusCode, await reply.Content.ReadAsStringAsync());
    }
}
