using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Support;
using Agora.Crypto;
using Agora.Testing;

namespace Agora.Api.Tests.Signed;

/// <summary>What others sign is taken: public packages on Node, and what the document shows, with OpenSSL's program and curl.</summary>
public sealed class InteropTests
{
    private static readonly AgentKey Key = AgentKey.OfExamples;

    private static byte[] Seed => Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    [NodePackagesFact]
    public async Task Requests_that_public_packages_sign_are_taken()
    {
        await using var api = await Registered();
        var token = await api.Client.OpenSession();
        var session = token["agt_".Length..token.IndexOf('.', StringComparison.Ordinal)];
        object[] requests =
        [
            .. ((string[])["http-message-signatures", "http-message-sig"]).SelectMany(signer => (object[])
            [
                new { signer, method = "GET", path = "/agents?q=translator&limit=3" },
                new { signer, method = "POST", path = "/agents/agent-1/heartbeat", body = """{"lease_seconds":60}""" },
                new { signer, method = "GET", path = "/agent/session/tree", session },
                new { signer, method = "POST", path = "/agent/session/delegate", session, body = """{"agent_id":"agent-2","scopes":{"budget_limit_cents":1}}""" },
            ]),
        ];

        var input = JsonSerializer.Serialize(new { address = api.Client.Address.ToString().TrimEnd('/'), key = PrivateJwk(), keyid = $"default.agent-1#{new Jwk(Key.Private.PublicKey).KeyId}", requests });
        var answers = JsonDocument.Parse(await NodePackages.Run(input, "Signed/sign.mjs")).RootElement.EnumerateArray().ToList();

        Assert.Equal(requests.Length, answers.Count);
        Assert.All(answers, answer => Assert.True(answer.GetProperty("status").GetInt32() is 200 or 201, answer.GetRawText()));
    }

    [NodePackagesFact]
    public async Task A_card_that_a_public_package_signs_is_registered_and_it_verifies_the_one_that_is_shown()
    {
        await using var api = await Registered();
        var shown = (await api.Client.Get("/agents/agent-1", RunningApi.PlatformKey)).Expect(200).Data.GetProperty("card").GetString();
        var next = Key.Content(version: 2, name: "Interpreter");

        var said = JsonDocument.Parse(await NodePackages.Run(JsonSerializer.Serialize(new { key = PrivateJwk(), payload = next, card = shown }), "Signed/card.mjs")).RootElement;

        Assert.True(said.GetProperty("isThumbprint").GetBoolean());
        Assert.Equal(Key.Content().ToJsonString(), said.GetProperty("read").GetRawText());
        var put = (await api.Client.Send(HttpMethod.Put, "/agents/agent-1", RunningApi.PlatformKey, AgentKey.Put(said.GetProperty("signed").GetString()!))).Expect(200);
        Assert.Equal(("Interpreter", 2), (put.Data.GetProperty("name").GetString(), put.Data.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task What_the_document_shows_is_taken()
    {
        await using var api = await Registered();
        var shown = await File.ReadAllTextAsync(Repository.File("docs/signed-requests.md"));
        var script = shown[(shown.IndexOf("```bash\n", StringComparison.Ordinal) + 8)..];
        var folder = Directory.CreateTempSubdirectory("agora-signed-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), $"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String([.. Convert.FromHexString("302e020100300506032b657004220420"), .. Seed])}\n-----END PRIVATE KEY-----\n");

        var start = new ProcessStartInfo("bash", ["-euc", script[..script.IndexOf("```", StringComparison.Ordinal)]]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        (start.Environment["B"], start.Environment["AGENT"], start.Environment["X"], start.Environment["KEY_FILE"]) = (api.Client.Address.ToString().TrimEnd('/'), "agent-1", Key.X, "key.pem");
        using var bash = Process.Start(start)!;
        var (output, errors) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync();

        var answered = await output;
        Directory.Delete(folder, recursive: true);
        Assert.True(bash.ExitCode == 0, await errors);
        Assert.Equal("online", JsonDocument.Parse(answered).RootElement.GetProperty("data").GetProperty("status").GetString());
    }

    private static JsonObject PrivateJwk()
    {
        var key = Key.Jwk;
        key["d"] = System.Buffers.Text.Base64Url.EncodeToString(Seed);
        return key;
    }

    private static async Task<RunningApi> Registered()
    {
        var api = await RunningApi.Start();
        (await api.Client.Send(HttpMethod.Put, "/agents/agent-1", RunningApi.PlatformKey, AgentKey.Put(Key.Card()))).Expect(200);
        return api;
    }
}
