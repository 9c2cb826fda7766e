using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Api.Tests.Signed;

/// <summary>What a signature opens, a session or a connection, and how long that goes on.</summary>
public sealed class SignedOpeningTests
{
    private static readonly AgentKey Card = new(1);

    [Fact]
    public async Task Agent_opens_sessions_by_its_signature_as_by_a_key_that_is_bound_to_no_user()
    {
        await using var talk = await Registered("agent-1", "b");
        var (api, signed) = (talk.Api, Signed(talk));
        await Grant(api);
        var opened = (await Send(api, (signed with { Sent = [("Idempotency-Key", "once")] }).Request(HttpMethod.Post, "/agent/auth", ForAgent("agent-1")))).Expect(201);
        Assert.Equal("agent-1", opened.Data.GetProperty("agent_id").GetString());
        (await api.Client.Get("/agent/flow/status", opened.Data.GetProperty("token").GetString()!)).Expect(200);

        var again = (await Send(api, (signed with { Sent = [("Idempotency-Key", "once")] }).Request(HttpMethod.Post, "/agent/auth", ForAgent("agent-1")))).Expect(201);
        Assert.Equal(("true", SessionOf(opened)), (again.Header("Idempotent-Replayed"), SessionOf(again)));
        (await Send(api, signed.Request(HttpMethod.Post, "/agent/auth", ForAgent("b")))).Refused(401, Codes.Unauthorized);
        (await Send(api, signed.Request(HttpMethod.Post, "/agent/auth", """{"agent_id":"agent-1","user_id":"nobody"}"""))).Refused(404, Codes.NotFound);
        Assert.Equal("no_session", Fault(await Send(api, (signed with { Session = SessionOf(opened) }).Request(HttpMethod.Post, "/agent/auth", ForAgent("agent-1")))));
        var forged = (await Send(api, (signed with { Key = new(2), KeyId = signed.KeyId }).Request(HttpMethod.Post, "/agent/auth", ForAgent("agent-1")))).Refused(401, Codes.SignatureRefused);
        Assert.StartsWith("agora=(\"@method\" \"@target-uri\" \"content-digest\"", forged.Header("Accept-Signature"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("its own word")]
    [InlineData("an operator's")]
    public async Task What_a_signature_opened_ends_with_the_card_and_what_a_key_opened_goes_on(string whose)
    {
        await using var talk = await Registered("agent-1", "b");
        var api = talk.Api;
        await Grant(api);
        var signed = (await Send(api, Signed(talk).Request(HttpMethod.Post, "/agent/auth", ForAgent("agent-1")))).Expect(201).Data.GetProperty("token").GetString()!;
        var keyed = (await api.Client.Post("/agent/auth", talk.Key("agent-1"), ForAgent("agent-1"))).Expect(201).Data.GetProperty("token").GetString()!;
        await Revoke(talk, whose == "an operator's");
        (await api.Client.Get("/agent/flow/status", signed)).Refused(401, Codes.SessionRevoked);
        (await api.Client.Get("/agent/flow/status", keyed)).Expect(200);
        Assert.Equal("revoked_key", Fault(await Send(api, Signed(talk).Request(HttpMethod.Post, "/agent/auth", ForAgent("agent-1")))));
    }

    [Fact]
    public async Task A_connection_that_a_signature_opened_says_and_hears_until_the_card_is_revoked()
    {
        await using var talk = await Registered("agent-1", "b");
        var id = await talk.Open("agent-1", ["b"]);
        await using var socket = await SocketClient.Open(talk.Api.Client.Address, Upgrading(Signed(talk)));
        await using var later = await SocketClient.Open(talk.Api.Client.Address, Upgrading(Signed(talk)));
        await socket.Listen();
        await socket.Say(1, id, """{"content":"hello"}""");
        Assert.Equal(1, (await socket.Next("said")).GetProperty("id").GetInt32());
        await Revoke(talk, byOperator: true);
        await later.Say(2, id, """{"content":"still here?"}""");
        while (await later.NextOrEnd() is { } frame) Assert.False(frame.GetProperty("type").ValueEquals("said"), "It was said.");
        Assert.Equal("4401 signature_refused", later.Closed);
        Assert.Equal(4401, await socket.End());
    }

    [Fact]
    public async Task A_connection_that_was_signed_within_a_session_has_its_scope_and_ends_with_it()
    {
        await using var talk = await Registered("agent-1", "b", "c");
        var (allowed, other) = (await talk.Open("agent-1", ["b"]), await talk.Open("agent-1", ["c"]));
        var token = await talk.Api.Client.OpenSession(peers: """["b"]""");
        var session = token["agt_".Length..token.IndexOf('.', StringComparison.Ordinal)];
        await using var socket = await SocketClient.Open(talk.Api.Client.Address, Upgrading(Signed(talk) with { Session = session }));
        await socket.Say(1, allowed, """{"content":1}""");
        Assert.Equal(1, (await socket.Next("said")).GetProperty("id").GetInt32());
        await socket.Say(2, other, """{"content":1}""");
        Assert.Equal(Codes.ScopeViolation, (await socket.Next("refused")).GetProperty("error").GetProperty("code").GetString());
        (await talk.Api.Client.Send(HttpMethod.Delete, "/agent/session", token)).Expect(200);
        Assert.Equal(4401, await socket.End());
    }

    [Fact]
    public async Task A_connection_that_was_signed_within_a_session_ends_with_the_card_too()
    {
        await using var talk = await Registered("agent-1", "b");
        var token = await talk.Api.Client.OpenSession(peers: """["b"]""");
        await using var socket = await SocketClient.Open(talk.Api.Client.Address, Upgrading(Signed(talk) with { Session = token["agt_".Length..token.IndexOf('.', StringComparison.Ordinal)] }));
        for (var n = 0; n < 2; n++) await LookedAt(talk, "b");
        await Revoke(talk, byOperator: true);
        Assert.Equal(4401, await socket.End());
    }

    /// <summary>Whoever stands between would else speak by what was signed as a look.</summary>
    [Fact]
    public async Task A_signature_that_does_not_cover_the_upgrade_opens_no_connection_and_the_look_that_it_is_for_is_taken()
    {
        await using var talk = await Registered("agent-1");
        var looks = Signed(talk).Request(HttpMethod.Get, "/agent/inbox");

        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.Open(talk.Api.Client.Address, looks));

        (await Send(talk.Api, looks)).Expect(200);
    }

    [Fact]
    public async Task A_connection_that_was_signed_for_another_server_is_not_opened()
    {
        await using var talk = await Registered("agent-1");
        var relayed = (new SignedBy(Card, new("http://staging.example")) { Sent = [("Upgrade", "websocket")] }).Request(HttpMethod.Get, "/agent/inbox", after: request => request.Headers.Host = "staging.example");

        var refused = await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.Open(talk.Api.Client.Address, relayed));

        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/agents/agent-1", null)]
    [InlineData("GET", "/agent/inbox", null)]
    [InlineData("POST", "/a2a/b", """{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"t"}}""")]
    [InlineData("PUT", "/streams/s", null)]
    public async Task A_request_that_was_signed_for_another_server_is_refused_at_each_door(string method, string path, string? body)
    {
        await using var talk = await Registered("agent-1", "b");
        using var http = new HttpClient { BaseAddress = talk.Api.Client.Address };
        using var relayed = await http.SendAsync(new SignedBy(Card, new("http://staging.example")).Request(new(method), path, body, request => request.Headers.Host = "staging.example"));

        Assert.Equal(HttpStatusCode.Unauthorized, relayed.StatusCode);
        Assert.Contains("AGORA_PUBLIC_URL", await relayed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("card")]
    [InlineData("session")]
    public async Task A_webhook_that_was_signed_for_within_a_session_is_told_nothing_more_when_either_ends(string what)
    {
        await using var receiver = new WebhookReceiver();
        await using var talk = await Registered(await Talk.Of(await RunningApi.Start(tells: true), "agent-1", "b"));
        var id = await talk.Open("b", ["agent-1"]);
        var token = await talk.Api.Client.OpenSession(peers: """["*"]""");
        var within = Signed(talk) with { Session = token["agt_".Length..token.IndexOf('.', StringComparison.Ordinal)] };
        (await Send(talk.Api, within.Request(HttpMethod.Put, "/agent/webhook", $$"""{"url":"{{receiver.Address}}"}"""))).Expect(200);
        await talk.Say("b", id, "before");
        await Eventually(() => Task.FromResult(receiver.Taken.Count > 0));
        await (what == "card" ? Revoke(talk, byOperator: true) : talk.Api.Client.Send(HttpMethod.Delete, "/agent/session", token));

        await talk.Say("b", id, "after");

        await Eventually(async () => (await talk.Get("agent-1", "/agent/webhook")).Expect(200).Data.GetProperty("state").ValueEquals("disabled"));
        Assert.All(receiver.Received, message => Assert.DoesNotContain("after", System.Text.Encoding.UTF8.GetString(message.Body), StringComparison.Ordinal));
    }

    // A step behind the reply is waited for.
    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (!await isSo()) await timer.WaitForNextTickAsync(late.Token);
    }

    private static async Task Grant(RunningApi api)
    {
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Chat.Grant)).Expect(200);
    }

    private static string ForAgent(string agent) => $$"""{"agent_id":"{{agent}}","user_id":"user-1"}""";

    private static string SessionOf(Received opened) => opened.Data.GetProperty("session_id").GetString()!;

    private static HttpRequestMessage Upgrading(SignedBy signed) => (signed with { Sent = [("Upgrade", "websocket")] }).Request(HttpMethod.Get, "/agent/inbox");

    private static SignedBy Signed(Talk talk) => new(Card, talk.Api.Client.Address);

    private static string Fault(Received reply) => reply.Refused(401, Codes.SignatureRefused).Error.GetProperty("details").GetProperty("fault").GetString()!;

    private static Task<Received> Send(RunningApi api, HttpRequestMessage request) => api.Client.Send(request, null);

    /// <summary>Credentials of connections have been looked at: one that is revoked has been noticed.</summary>
    private static async Task LookedAt(Talk talk, string agent)
    {
        var issued = (await talk.Api.Client.Admin(HttpMethod.Post, $"/admin/agents/{agent}/keys", "{}")).Expect(201).Data;
        await using var socket = await SocketClient.Open(talk.Api.Client.Address, issued.GetProperty("key").GetString()!);
        (await talk.Api.Client.Admin(HttpMethod.Delete, $"/admin/agents/{agent}/keys/{issued.GetProperty("key_id").GetString()}")).Expect(200);
        Assert.Equal(4401, await socket.End());
    }

    private static async Task Revoke(Talk talk, bool byOperator) => (byOperator
        ? await talk.Api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/revoke-card", """{"reason":"stolen"}""")
        : await talk.Api.Client.Post("/agents/agent-1/revoke", talk.Key("agent-1"), new JsonObject { ["revocation"] = Card.Revocation() }.ToJsonString())).Expect(200);

    private static async Task<Talk> Registered(params string[] agents) => await Registered(await Talk.Among(agents));

    private static async Task<Talk> Registered(Talk talk)
    {
        (await talk.Api.Client.Send(HttpMethod.Put, "/agents/agent-1", talk.Key("agent-1"), AgentKey.Put(Card.Card()))).Expect(200);
        return talk;
    }
}
