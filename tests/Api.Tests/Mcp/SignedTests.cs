using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Signed;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Api.Tests.Mcp;

/// <summary>An agent signs what it sends to /mcp, within a session of its own, in place of that session's token. What is refused calls nothing.</summary>
public sealed class SignedTests
{
    private const string Own = "/agents/agent-1";
    private const string Run = """{"service_id":"summary","input":{"text":"A long text."}}""";
    private static readonly AgentKey First = new(1);
    private static readonly AgentKey Second = new(2);

    public static TheoryData<string, string> Faults => new()
    {
        { "no Signature", "missing" },
        { "no Signature-Input", "missing" },
        { "another's signature", "wrong" },
        { "over another path", "wrong" },
        { "over another method", "wrong" },
        { "another body", "digest" },
        { "a digest that is not signed", "covers_too_little" },
        { "a digest that was taken off", "covers_too_little" },
        { "a session that is not signed", "covers_too_little" },
        { "another session", "wrong" },
        { "a session taken off", "no_session" },
        { "an idempotency key besides", "covers_too_little" },
        { "a bearer token besides", "two_credentials" },
        { "an hour ago", "stale" },
        { "no nonce", "no_nonce" },
        { "no session", "no_session" },
        { "another agent's session", "other_session" },
        { "an agent that is not registered", "unknown_key" },
        { "a key that is not the card's", "other_key" },
    };

    [Theory]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    public async Task What_is_signed_within_a_session_is_called_in_it_as_by_its_token(string revision)
    {
        await using var at = await Door.Open();
        using var mcp = at.Caller(at.Signed, revision);

        var run = await mcp.Call("run_service", Run);

        Assert.Equal(("succeeded", false), (run.Data.GetProperty("state").GetString(), run.IsAlreadyDone));
        using var bearer = new McpCaller(at.Api.Client.Address, at.Token) { Revision = revision };
        Assert.True((await bearer.Call("run_service", Run)).IsAlreadyDone);
        Assert.True((await mcp.Call("run_service", Run)).IsAlreadyDone);
        Assert.Equal(at.Session, (await mcp.Call("flow_status")).Data.GetProperty("session").GetProperty("session_id").GetString());
        Assert.Contains((await mcp.Ask("tools/list")).Result.GetProperty("tools").EnumerateArray(), tool => tool.GetProperty("name").ValueEquals("run_service"));
        Assert.Contains(run.Data.GetProperty("run_id").GetString()!, (await mcp.Read("agora://runs")).Result.GetProperty("contents")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_signature_with_a_fault_does_not_come_in_and_is_told_its_word(string what, string fault)
    {
        await using var at = await Door.Open();
        using var mcp = at.Caller(body => Faulty(at, what, body));

        var refused = await mcp.Call("run_service", Run);

        at.Refused(fault, refused);
        await at.IsUncalled();
    }

    [Fact]
    public async Task The_very_request_again_is_refused()
    {
        await using var at = await Door.Open();
        using var mcp = at.Caller(at.Signed with { Nonce = "n-1", Created = DateTimeOffset.UtcNow });

        Assert.Equal("succeeded", (await mcp.Call("run_service", Run)).Data.GetProperty("state").GetString());

        at.Refused("replayed", await mcp.Call("run_service", Run));
    }

    [Fact]
    public async Task What_was_signed_before_a_restart_is_told_when_to_sign_anew()
    {
        await using var store = new MemoryJournal(TimeProvider.System);
        var signedAt = DateTimeOffset.UtcNow;
        await using (var before = await Door.Open(store))
        {
            using var there = before.Caller(before.Signed with { Created = signedAt });
            await there.Call("flow_status");
        }

        await using var api = await RunningApi.Start(store: store);
        using var mcp = new McpCaller(api.Client.Address, "") { Signs = body => new SignedBy(First, api.Client.Address) { Session = "s", Created = signedAt }.Request(HttpMethod.Post, "/mcp", body) };

        var refused = await mcp.Call("flow_status");

        Assert.Equal((503, "unavailable"), (refused.Status, refused.Error.GetProperty("data").GetProperty("code").GetString()));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, Limits.SignedSecondsAhead + 1);
    }

    [Theory]
    [InlineData("revoked", "revoked_key")]
    [InlineData("rotated", "other_key")]
    public async Task A_key_that_the_card_no_longer_has_does_not_come_in(string what, string fault)
    {
        await using var at = await Door.Open();
        using var mcp = at.Caller(at.Signed);
        await mcp.Call("flow_status");
        (await (what == "revoked" ? at.Api.Client.Send(HttpMethod.Post, $"{Own}/revoke", RunningApi.PlatformKey, $$"""{"revocation":"{{First.Revocation()}}"}""")
            : at.Api.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(Second.Card(version: 2), First.Rotation(Second))))).Expect(200);

        at.Refused(fault, await mcp.Call("run_service", Run));
        await at.IsUncalled();
    }

    [Fact]
    public async Task A_session_that_has_ended_is_refused_as_by_its_token()
    {
        await using var at = await Door.Open();
        using var mcp = at.Caller(at.Signed);
        (await at.Api.Client.Send(HttpMethod.Delete, "/agent/session", at.Token)).Expect(200);

        (await mcp.Call("run_service", Run)).Refused(Codes.SessionRevoked);
    }

    /// <summary>They say the same as the message, which is signed: so whoever changes them has nothing done in another way.</summary>
    [Theory]
    [InlineData("MCP-Protocol-Version", "2025-11-25", 400)]
    [InlineData("MCP-Protocol-Version", "", 400)]
    [InlineData("Mcp-Method", "tools/list", 400)]
    [InlineData("Mcp-Name", "transfer", 400)]
    [InlineData("Content-Type", "text/plain", 415)]
    [InlineData("Mcp-Session-Id", "another", 200)]
    [InlineData("Last-Event-ID", "7", 200)]
    public async Task Headers_that_nobody_signed_have_nothing_else_done(string header, string value, int status)
    {
        await using var at = await Door.Open();
        var meta = McpCaller.Meta().ToJsonString();
        var body = $$$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"wallet","arguments":{},"_meta":{{{meta}}}}}""";
        (string Name, string Value)[] right = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "wallet")];
        using var mcp = at.Caller(at.Signed);

        var answer = await mcp.Post(body, default, [.. right.Where(one => one.Name != header), (header, value)]);

        Assert.Equal((status, status == 200), (answer.Status, answer.Message.TryGetProperty("result", out var result) && result.GetProperty("structuredContent").GetProperty("data").TryGetProperty("wallet_id", out _)));
    }

    [Fact]
    public async Task A_message_is_taken_up_to_the_length_of_any_and_what_is_longer_is_413()
    {
        await using var at = await Door.Open();
        using var mcp = at.Caller(at.Signed);

        (await mcp.Call("run_service", $$$"""{"service_id":"summary","input":{"text":"{{{new string('a', Limits.BodyBytes + 100)}}}"}}""")).Refused(Codes.PayloadTooLarge);
        var longer = await mcp.Call("run_service", $$$"""{"service_id":"summary","input":{"text":"{{{new string('a', Limits.McpMessageBytes)}}}"}}""");

        Assert.Equal((413, "payload_too_large"), (longer.Status, longer.Error.GetProperty("data").GetProperty("code").GetString()));
        await at.IsUncalled();
    }

    private static HttpRequestMessage Faulty(Door at, string what, string body)
    {
        var signed = at.Signed;
        return what switch
        {
            "no Signature" => Made(signed, r => r.Headers.Remove("Signature")),
            "no Signature-Input" => Made(signed, r => r.Headers.Remove("Signature-Input")),
            "another's signature" => Made(signed with { Key = Second, KeyId = signed.KeyId }),
            "over another path" => signed.Request(HttpMethod.Post, "/agent/runs", body, r => r.RequestUri = new("/mcp", UriKind.Relative)),
            "over another method" => signed.Request(HttpMethod.Put, "/mcp", body, r => r.Method = HttpMethod.Post),
            "another body" => Made(signed, r => r.Content = new StringContent(body.Replace("long", "short", StringComparison.Ordinal), System.Text.Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"))),
            "a digest that is not signed" => Made(signed with { Components = ["@method", "@target-uri", "agora-session"] }),
            "a digest that was taken off" => Made(signed, r => r.Headers.Remove("Content-Digest")),
            "a session that is not signed" => Made(signed with { Components = ["@method", "@target-uri", "content-digest"] }),
            "another session" => Made(signed, r => Named(r, "another")),
            "a session taken off" => Made(signed, r => r.Headers.Remove("Agora-Session")),
            "an idempotency key besides" => Made(signed, r => r.Headers.Add("Idempotency-Key", "again")),
            "a bearer token besides" => Made(signed, r => r.Headers.Authorization = new("Bearer", at.Token)),
            "an hour ago" => Made(signed with { Created = DateTimeOffset.UtcNow.AddHours(-1) }),
            "no nonce" => Made(signed with { HasNonce = false }),
            "no session" => Made(signed with { Session = null }),
            "another agent's session" => Made(signed with { Session = at.Others }),
            "an agent that is not registered" => Made(signed with { KeyId = signed.KeyId.Replace("agent-1", "agent-9", StringComparison.Ordinal) }),
            "a key that is not the card's" => Made(new(Second, signed.Server) { Session = at.Session }),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, "There is no such fault."),
        };

        HttpRequestMessage Made(SignedBy by, Action<HttpRequestMessage>? after = null) => by.Request(HttpMethod.Post, "/mcp", body, after);

        static void Named(HttpRequestMessage request, string session)
        {
            request.Headers.Remove("Agora-Session");
            request.Headers.Add("Agora-Session", session);
        }
    }

    /// <summary>A session that is ready to run, of an agent whose card is registered; and another agent's.</summary>
    private sealed record Door(RunningApi Api, string Token, string Others) : IAsyncDisposable
    {
        public string Session => IdOf(Token);

        public SignedBy Signed => new(First, Api.Client.Address) { Session = Session };

        public static async Task<Door> Open(IJournal? store = null)
        {
            var api = await RunningApi.Start(store: store);
            (await api.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(First.Card()))).Expect(200);
            return new(api, await api.Client.OpenReady(), IdOf(await api.Client.OpenSession(agent: "agent-2")));
        }

        public McpCaller Caller(SignedBy by, string revision = "2026-07-28") => Caller(body => by.Request(HttpMethod.Post, "/mcp", body), revision);

        public McpCaller Caller(Func<string, HttpRequestMessage> signs, string revision = "2026-07-28") => new(Api.Client.Address, "") { Signs = signs, Revision = revision };

        public void Refused(string fault, McpAnswer answer)
        {
            var error = answer.Error;
            Assert.Equal((401, -32000, Codes.SignatureRefused, fault), (
                answer.Status, error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("code").GetString(), error.GetProperty("data").GetProperty("details").GetProperty("fault").GetString()));
            Assert.StartsWith("agora=(\"@method\" \"@target-uri\" \"content-digest\"", answer.Headers.GetValues("Accept-Signature").Single(), StringComparison.Ordinal);
        }

        public async Task IsUncalled() =>
            Assert.Equal(0, (await Api.Client.Get("/agent/flow/status", Token)).Expect(200).Data.GetProperty("budget").GetProperty("spent_cents").GetInt32());

        public ValueTask DisposeAsync() => Api.DisposeAsync();

        private static string IdOf(string token) => token["agt_".Length..token.IndexOf('.', StringComparison.Ordinal)];
    }
}
