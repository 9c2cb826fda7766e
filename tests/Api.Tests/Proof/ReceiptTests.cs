using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Crypto;
using Agora.Proof.Receipts;

namespace Agora.Api.Tests.Proof;

public sealed class ReceiptTests
{
    [Fact]
    public async Task A_paid_run_has_a_receipt_that_is_the_same_for_its_agent_and_for_operators_and_says_what_was_paid()
    {
        await using var api = await RunningApi.Start();
        var token = await Prepare(api);
        var run = await Run(api, token);

        var mine = (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", token)).Expect(200);
        var theirs = (await api.Client.Get($"/admin/payments/{run.PaymentId}/receipt", RunningApi.AdminKey)).Expect(200);

        Assert.Equal(mine.Data.GetRawText(), theirs.Data.GetRawText());
        Assert.Equal((run.RunId, run.PaymentId), (mine.Data.GetProperty("run_id").GetString(), mine.Data.GetProperty("payment_id").GetString()));
        Assert.NotNull(mine.Header("RateLimit-Remaining"));
        var claims = await Verified(api, mine);
        Assert.Equal(("agora.example", run.PaymentId, "agent-1", "user-1", run.RunId), (Text("iss"), Text("jti"), Text("sub"), Text("user_id"), Text("run_id")));
        Assert.Equal(("summary", "text-provider", "sponsor", "schema-valid", "USD"), (Text("service_id"), Text("provider"), Text("source"), Text("output"), Text("asset")));
        Assert.Equal("""{"kind":"campaign","id":"survey"}""", claims.GetProperty("paid_by").GetRawText());
        Assert.Equal((250_000L, false), (claims.GetProperty("amount_micros").GetInt64(), claims.GetProperty("related_party").GetBoolean()));
        Assert.Equal((0L, 43), (claims.GetProperty("fee_micros").GetInt64(), Text("schema_sha256")!.Length));
        Assert.Equal([$"session/{Text("session_id")}"], claims.GetProperty("budget_path").EnumerateArray().Select(node => node.GetString()));
        Assert.Equal($"default/session/{Text("session_id")}", claims.GetProperty("row").GetProperty("stream").GetString());

        string? Text(string name) => claims.GetProperty(name).GetString();
    }

    [Fact]
    public async Task The_receipt_of_a_transfer_claims_no_output()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "d"))).Expect(200);
        await api.Client.PutAgents("agent-2");
        var token = (await api.Client.Post(
            "/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_payees":["*"],"budget_limit_cents":100}}""")).Expect(201).Data.GetProperty("token").GetString()!;
        var paid = (await api.Client.Post("/agent/wallet/transfer", token, """{"to":"agent:agent-2","amount_cents":40}""", ("Idempotency-Key", "t"))).Expect(200);

        var claims = await Verified(api, (await api.Client.Get($"/agent/runs/{paid.Data.GetProperty("transfer_id").GetString()}/receipt", token)).Expect(200));

        Assert.Equal(("none", "agent:agent-2", 400_000L), (claims.GetProperty("output").GetString(), claims.GetProperty("provider").GetString(), claims.GetProperty("amount_micros").GetInt64()));
    }

    [Fact]
    public async Task Each_of_many_runs_of_a_session_has_the_receipt_of_its_own_event()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var token = await Prepare(api);
        var runs = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Run(api, token)));
        foreach (var run in runs)
        {
            var claims = await Verified(api, (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", token)).Expect(200));
            Assert.Equal((run.RunId, run.PaymentId), (claims.GetProperty("run_id").GetString(), claims.GetProperty("jti").GetString()));
        }
    }

    [Fact]
    public async Task The_receipt_of_a_sponsor_who_owns_the_provider_says_related_party()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/summary", WithOwner(Support.Catalogue.Service))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", WithOwner(Support.Catalogue.Campaign).Insert(1, "\"allow_related\":true,"))).Expect(200);
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        var run = await Run(api, token);

        var claims = await Verified(api, (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", token)).Expect(200));

        Assert.True(claims.GetProperty("related_party").GetBoolean());

        static string WithOwner(string json) => """{"owner":"acme-group",""" + json.TrimStart()[1..];
    }

    [Fact]
    public async Task There_is_no_receipt_of_a_failed_run_of_another_session_or_of_none()
    {
        await using var api = await RunningApi.Start();
        var token = await Prepare(api);
        var run = await Run(api, token);
        var other = await api.Client.OpenSession(user: "user-2");

        (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", other)).Refused(404, "not_found");
        (await api.Client.Get($"/agent/runs/{Guid.NewGuid()}/receipt", token)).Refused(404, "not_found");
        (await api.Client.Get("/agent/runs/no-run/receipt", token)).Refused(404, "not_found");
        (await api.Client.Get($"/agent/runs/{new string('r', 129)}/receipt", token)).Refused(400, "malformed_request");
        (await api.Client.Get($"/agent/runs/{run.RunId}/receipt?more=1", token)).Refused(422, "validation_failed");
        (await api.Client.Get($"/agent/runs/{run.RunId}/receipt")).Refused(401, "unauthorized");
        (await api.Client.Get($"/admin/payments/{run.RunId}/receipt", RunningApi.AdminKey)).Refused(404, "not_found");
        (await api.Client.Get($"/admin/payments/{run.PaymentId}/receipt", token)).Refused(401, "unauthorized");
        (await api.Client.Get("/admin/payments/-/receipt", RunningApi.AdminKey)).Refused(400, "malformed_request");
    }

    [Fact]
    public async Task A_look_at_a_receipt_is_audited()
    {
        await using var api = await RunningApi.Start();
        var token = await Prepare(api);
        var run = await Run(api, token);
        (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", token)).Expect(200);
        await api.Client.Get($"/agent/runs/{Guid.Empty}/receipt", token);

        // Reads are audited within a second; what changes the session carries them along.
        (await api.Client.Send(HttpMethod.Delete, "/agent/consents/none", token)).Refused(404, "not_found");
        var entries = (await api.Client.Get("/agent/audit/history?operation=get_receipt", token)).Expect(200).Data.GetProperty("entries");
        Assert.Equal([404, 200], entries.EnumerateArray().Select(e => e.GetProperty("response_status").GetInt32()));
    }

    [Fact]
    public async Task After_a_rotation_the_old_receipt_verifies_and_a_new_one_says_the_same_under_the_new_key()
    {
        await using var api = await RunningApi.Start();
        var token = await Prepare(api);
        var run = await Run(api, token);
        var before = (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", token)).Expect(200);
        await api.Keys.Rotate(default);
        await api.Keys.Load(mayMake: false, default);
        var after = (await api.Client.Get($"/agent/runs/{run.RunId}/receipt", token)).Expect(200);

        Assert.NotEqual(before.Data.GetProperty("receipt").GetString(), after.Data.GetProperty("receipt").GetString());
        Assert.Equal((await Verified(api, before)).GetRawText(), (await Verified(api, after)).GetRawText());
        Assert.Equal(2, (await KeySet(api)).Count);
    }

    internal static async Task<string> Prepare(RunningApi api)
    {
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        return token;
    }

    internal static async Task<(string RunId, string PaymentId)> Run(RunningApi api, string token)
    {
        var run = (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200).Data;
        return (run.GetProperty("run_id").GetString()!, run.GetProperty("payment").GetProperty("payment_id").GetString()!);
    }

    private static async Task<JsonElement> Verified(RunningApi api, Received received)
    {
        var keys = await KeySet(api);
        var verified = Jws.Verify(received.Data.GetProperty("receipt").GetString()!, ReceiptClaims.Type, id => keys.SingleOrDefault(key => key.KeyId == id));
        return JsonDocument.Parse(verified!.Payload).RootElement;
    }

    private static async Task<IReadOnlyList<Jwk>> KeySet(RunningApi api)
    {
        using var set = JsonDocument.Parse(await api.Client.Text("/.well-known/jwks.json"));
        return [.. set.RootElement.GetProperty("keys").EnumerateArray().Select(key => new Jwk(System.Buffers.Text.Base64Url.DecodeFromChars(key.GetProperty("x").GetString())))];
    }
}
