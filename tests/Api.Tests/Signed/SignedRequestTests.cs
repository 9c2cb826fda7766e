using System.Net;
using System.Net.Sockets;
using System.Text;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Support;
using Agora.Application.Catalogue;
using Agora.Core.Kernel;
using Agora.Crypto.Http;
using Agora.Journal;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Signed;

/// <summary>Agents sign their requests in place of a bearer token: what is taken, and what each fault is answered. What is refused changes nothing.</summary>
public sealed class SignedRequestTests
{
    private const string Own = "/agents/agent-1";
    private const string Beat = $"{Own}/heartbeat";
    private const string Signs = "\"\\();=:,.#@ aA0-é~";
    private const string Lease = """{"lease_seconds":60}""";
    private static readonly AgentKey First = new(1);
    private static readonly AgentKey Second = new(2);

    public static TheoryData<string, string> Faults => new()
    {
        { "no Signature", "missing" },
        { "no Signature-Input", "missing" },
        { "another label", "missing" },
        { "a parameter that is not known", "malformed" },
        { "a signature that is no base64", "malformed" },
        { "more than 8 KiB", "malformed" },
        { "created twice", "malformed" },
        { "another tag", "not_one" },
        { "two of the tag", "not_one" },
        { "a bearer token besides", "two_credentials" },
        { "no method", "covers_too_little" },
        { "no address", "covers_too_little" },
        { "no query", "covers_too_little" },
        { "no digest", "covers_too_little" },
        { "no digest of a body in chunks", "covers_too_little" },
        { "a field that is not there", "covers_too_little" },
        { "a session that is not signed", "covers_too_little" },
        { "an hour ago", "stale" },
        { "in an hour", "stale" },
        { "a minute and more ago", "stale" },
        { "expired", "expired" },
        { "no nonce", "no_nonce" },
        { "a long nonce", "no_nonce" },
        { "keyid of no form", "unknown_key" },
        { "another tenant", "unknown_key" },
        { "an agent that is not registered", "unknown_key" },
        { "another's key by its name", "other_key" },
        { "another's signature", "wrong" },
        { "over another path", "wrong" },
        { "over another method", "wrong" },
        { "over another query", "wrong" },
        { "one bit", "wrong" },
        { "another body", "digest" },
        { "a digest of nothing known", "digest" },
    };

    [Fact]
    public async Task Agent_acts_as_itself_by_the_key_of_its_card()
    {
        await using var api = await Registered();
        var signed = new SignedBy(First, api.Client.Address);

        (await Send(api, signed.Request(HttpMethod.Get, Own))).Expect(200);
        (await Send(api, signed.Request(HttpMethod.Get, "/agents?q=translator&limit=5"))).Expect(200);
        Assert.Equal("online", (await Send(api, signed.Request(HttpMethod.Post, Beat, Lease))).Expect(200).Data.GetProperty("status").GetString());
        (await Send(api, signed.Request(HttpMethod.Post, "/agents/agent-2/heartbeat", Lease))).Refused(403, Codes.Forbidden);
    }

    [Fact]
    public async Task What_stands_for_the_address_in_parts_is_as_good()
    {
        await using var api = await Registered();
        var signed = new SignedBy(First, api.Client.Address);

        (await Send(api, (signed with { Components = ["@method", "@authority", "@path", "@query"] }).Request(HttpMethod.Get, "/agents?q=translator"))).Expect(200);
        (await Send(api, (signed with { Components = ["@method", "@authority", "@path"] }).Request(HttpMethod.Get, Own))).Expect(200);
        (await Send(api, (signed with { Components = ["@authority", "@request-target", "@method", "@scheme"] }).Request(HttpMethod.Get, "/agents?q=a%20b"))).Expect(200);
    }

    /// <summary>A server that sees a signed request must not be able to relay it to another one by keeping its Host (RFC 9421 section 7.2).</summary>
    [Theory]
    [InlineData("@target-uri")]
    [InlineData("@authority @path")]
    [InlineData("@authority @request-target")]
    public async Task A_login_that_was_signed_for_another_server_opens_no_session_and_is_refused_other_address(string address)
    {
        await using var api = await Registered();
        await Grant(api);
        var signed = new SignedBy(First, new("http://staging.example")) { Components = ["@method", "content-digest", .. address.Split(' ')] };

        var relayed = await Send(api, signed.Request(HttpMethod.Post, "/agent/auth", """{"agent_id":"agent-1","user_id":"user-1"}""", request => request.Headers.Host = "staging.example"));

        Assert.Equal("other_address", Fault(relayed));
        Assert.Contains("AGORA_PUBLIC_URL", relayed.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_was_signed_for_another_port_of_this_machine_is_refused_other_address()
    {
        await using var api = await Registered();
        var other = new Uri($"http://127.0.0.1:{(api.Client.Address.Port == 8080 ? 8081 : 8080)}");

        Assert.Equal("other_address", Fault(await Send(api, new SignedBy(First, other).Request(HttpMethod.Get, Own, after: request => request.Headers.Host = other.Authority))));
    }

    /// <summary>A proxy on the same machine may pass requests on with the Host by which it reaches this server: a signature for an agent's own server at that loopback address would be good here.</summary>
    [Fact]
    public async Task A_request_that_was_signed_for_a_loopback_address_and_came_by_a_proxy_is_refused_other_address()
    {
        await using var api = await RunningApi.Start(trustedProxies: [IPNetwork.Parse("127.0.0.0/8")], publicUrls: ["https://agora.example"]);
        (await api.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(First.Card()))).Expect(200);
        var signed = new SignedBy(First, api.Client.Address);

        (await Send(api, signed.Request(HttpMethod.Get, Own))).Expect(200);
        Assert.Equal("other_address", Fault(await Send(api, signed.Request(HttpMethod.Get, Own, after: static request => request.Headers.Add("X-Forwarded-For", "203.0.113.9")))));
    }

    /// <summary>A proxy may stand between and pass on any Host: the address is the one that the client was given.</summary>
    [Theory]
    [InlineData("https://agora.example", "agora.example:443", "@authority @path", true)]
    [InlineData("https://agora.example", "AGORA.Example", "@authority @request-target", true)]
    [InlineData("https://agora.example", "10.0.0.7:8080", "@target-uri", true)]
    [InlineData("https://api.agora.example/v1", "127.0.0.1", "@target-uri", true)]
    [InlineData("http://agora.example", "agora.example", "@target-uri", false)]
    [InlineData("https://staging.example", "agora.example", "@authority @path", false)]
    [InlineData("https://staging.example", "staging.example", "@authority @path", false)]
    [InlineData("https://agora.example:8443", "agora.example:8443", "@authority @path", false)]
    public async Task A_signature_for_one_of_the_servers_addresses_is_taken_whatever_Host_says_and_for_another_it_is_not(string signedFor, string host, string address, bool isTaken)
    {
        await using var api = await Registered(null, "https://agora.example", "https://api.agora.example/v1");
        var signed = new SignedBy(First, new(signedFor)) { Components = ["@method", .. address.Split(' ')] };
        var path = new Uri(signedFor).AbsolutePath.TrimEnd('/') + Own;

        var answer = await Send(api, signed.Request(HttpMethod.Get, path, after: request => (request.RequestUri, request.Headers.Host) = (new(Own, UriKind.Relative), host)));

        Assert.Equal(isTaken ? 200 : 401, answer.Status);
        (await Send(api, new SignedBy(First, api.Client.Address).Request(HttpMethod.Get, Own))).Expect(200);
    }

    /// <summary>HttpClient would send one line.</summary>
    [Theory]
    [InlineData("a, b|c", "200 OK")]
    [InlineData("a, b|c|d", "wrong")]
    [InlineData("a, b, c", "wrong")]
    [InlineData("c|a, b", "wrong")]
    public async Task Field_that_is_signed_as_bytes_is_taken_with_the_lines_that_were_signed(string lines, string answer)
    {
        await using var api = await Registered();
        var signed = new SignatureInput(["@method", "@target-uri", "x-note;bs"], DateTimeOffset.UtcNow, new SignedBy(First, api.Client.Address).KeyId, "n", "agora-request");
        var (input, signature) = HttpSignature.Sign(HttpMessage.To("GET", new(api.Client.Address, Own), name => name == "x-note" ? ["a, b", "c"] : []), signed, "sig", First.Private);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, api.Client.Address.Port);

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {Own} HTTP/1.1\r\nHost: {api.Client.Address.Authority}\r\nConnection: close\r\nSignature-Input: {input}\r\nSignature: {signature}\r\n{string.Concat(lines.Split('|').Select(line => $"X-Note: {line}\r\n"))}\r\n"));

        using var reader = new StreamReader(client.GetStream());
        Assert.Contains(answer == "wrong" ? "\"fault\":\"wrong\"" : answer, await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    /// <summary>A deciding header is covered in one form only, so that the server and the verifier of the signature read the same value.</summary>
    [Theory]
    [InlineData("agora-session")]
    [InlineData("idempotency-key")]
    [InlineData("content-digest")]
    public async Task Header_that_decides_what_is_done_and_is_signed_as_bytes_only_is_refused_covers_too_little(string name)
    {
        await using var api = await Registered();
        string[] plain = ["@method", "@target-uri", "content-digest", "agora-session", "idempotency-key"];
        var signed = new SignedBy(First, api.Client.Address) { Session = "s", Sent = [("Idempotency-Key", "k")] };

        var asBytes = await Send(api, (signed with { Components = [.. plain.Except([name]), $"{name};bs"] }).Request(HttpMethod.Post, Beat, Lease));
        var both = await Send(api, (signed with { Components = [.. plain, $"{name};bs"] }).Request(HttpMethod.Post, Beat, Lease));

        Assert.Equal(("covers_too_little", "other_session"), (Fault(asBytes), Fault(both)));
        Assert.Contains($"\"{name}\"", asBytes.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Whoever stands between could have it done twice, or paid otherwise.</summary>
    [Theory]
    [InlineData("Idempotency-Key", "once")]
    [InlineData("PAYMENT-SIGNATURE", "e30=")]
    [InlineData("X-PAYMENT", "e30=")]
    [InlineData("Stream-Closed", "true")]
    [InlineData("Stream-Seq", "7")]
    [InlineData("Producer-Id", "p")]
    [InlineData("Producer-Epoch", "7")]
    [InlineData("Producer-Seq", "7")]
    public async Task Header_that_decides_what_is_done_has_to_be_signed_and_is_taken_as_it_was_signed(string name, string value)
    {
        await using var api = await Registered();
        var signed = new SignedBy(First, api.Client.Address) { Sent = [(name, value)] };

        (await Send(api, Beats(signed))).Expect(200);
        Assert.Equal("wrong", Fault(await Send(api, Beats(signed, request => Change(request, name, text => $"{text}1")))));
        Assert.Equal("covers_too_little", Fault(await Send(api, Beats(signed, request => request.Headers.Remove(name)))));
        var unsigned = (await Send(api, Beats(signed with { Sent = [] }, request => request.Headers.TryAddWithoutValidation(name, value)))).Refused(401, Codes.SignatureRefused);
        Assert.Equal(("covers_too_little", true), (Fault(unsigned), unsigned.Header("Accept-Signature")?.Contains($"\"{name.ToLowerInvariant()}\"", StringComparison.Ordinal)));
    }

    /// <summary>What is longer than a body may be is read up to there; what stands behind it was signed by nobody.</summary>
    [Fact]
    public async Task A_body_in_the_signed_ones_place_that_is_longer_than_any_is_refused_and_its_end_is_not_taken()
    {
        await using var api = await Registered();
        var signed = new SignedBy(First, api.Client.Address);
        (await Send(api, Beats(signed))).Expect(200);
        var other = Encoding.UTF8.GetBytes($$"""{{new string(' ', Limits.BodyBytes + 200_000)}}{"lease_seconds":300}""");

        var refused = await Send(api, Beats(signed, request =>
        {
            request.Content = new ByteArrayContent(other) { Headers = { ContentType = new("application/json") } };
            request.Headers.TransferEncodingChunked = true;
        }));

        refused.Refused(413, Codes.PayloadTooLarge);
    }

    /// <summary>By it the same bytes are one message or another.</summary>
    [Fact]
    public async Task Type_of_what_a_stream_is_sent_has_to_be_signed_and_is_taken_as_it_was_signed()
    {
        await using var api = await Registered();
        var signed = new SignedBy(First, api.Client.Address);
        var typed = signed with { Sent = [("Content-Type", "application/json")] };
        static void AsText(HttpRequestMessage request) => request.Content!.Headers.ContentType = new("text/plain");

        Assert.Equal("covers_too_little", Fault(await Send(api, signed.Request(HttpMethod.Put, "/streams/s", "[1,2]"))));
        Assert.Equal("wrong", Fault(await Send(api, typed.Request(HttpMethod.Put, "/streams/s", "[1,2]", AsText))));
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        Assert.Equal(HttpStatusCode.Created, (await http.SendAsync(typed.Request(HttpMethod.Put, "/streams/s", "[1,2]"))).StatusCode);
    }

    [Fact]
    public async Task Session_of_the_agents_own_is_as_good_as_its_token_and_no_other_is()
    {
        await using var api = await Registered();
        var (own, ended, others) = (await Session(api), await Session(api), await Session(api, "agent-2"));
        var signed = new SignedBy(First, api.Client.Address) { Session = own.Id };

        Assert.Equal(own.Id, (await Send(api, signed.Request(HttpMethod.Get, "/agent/session/tree"))).Expect(200).Data.GetProperty("tree").GetProperty("session_id").GetString());
        (await Send(api, signed.Request(HttpMethod.Get, Own))).Expect(200);
        Assert.Equal("other_session", Fault(await Send(api, (signed with { Session = others.Id }).Request(HttpMethod.Get, "/agent/flow/status"))));
        Assert.Equal("other_session", Fault(await Send(api, (signed with { Session = others.Id }).Request(HttpMethod.Get, "/agent/flow/status")))); // nor when its owner is known
        Assert.Equal("other_session", Fault(await Send(api, (signed with { Session = "never-opened" }).Request(HttpMethod.Get, "/agent/flow/status"))));
        Assert.Equal("other_session", Fault(await Send(api, (signed with { Session = "no id" }).Request(HttpMethod.Get, "/agent/flow/status"))));
        Assert.Equal("no_session", Fault(await Send(api, (signed with { Session = null }).Request(HttpMethod.Get, "/agent/flow/status"))));

        (await api.Client.Send(HttpMethod.Delete, "/agent/session", ended.Token)).Expect(200);
        (await Send(api, (signed with { Session = ended.Id }).Request(HttpMethod.Get, "/agent/flow/status"))).Refused(401, Codes.SessionRevoked);
    }

    [Fact]
    public async Task The_very_request_again_is_refused_and_so_is_another_with_its_nonce()
    {
        await using var api = await Registered();
        var (signed, at) = (new SignedBy(First, api.Client.Address) { Nonce = "n-1" }, DateTimeOffset.UtcNow);

        (await Send(api, (signed with { Created = at }).Request(HttpMethod.Get, Own))).Expect(200);
        Assert.Equal("replayed", Fault(await Send(api, (signed with { Created = at }).Request(HttpMethod.Get, Own))));
        (await Send(api, (signed with { Created = at, Nonce = "n-2" }).Request(HttpMethod.Get, Own))).Expect(200);
    }

    [Fact]
    public async Task What_was_admitted_before_a_restart_is_refused_behind_it_and_what_is_signed_later_is_taken()
    {
        var store = new MemoryJournal(TimeProvider.System);
        var at = DateTimeOffset.UtcNow;
        HttpRequestMessage Again(Uri server) => (new SignedBy(First, new("http://agora.example")) { Nonce = "n-1", Created = at }).Request(HttpMethod.Get, Own, after: r => r.Headers.Host = "agora.example");
        await using (var before = await Registered(store, "http://agora.example"))
        {
            (await Send(before, Again(before.Client.Address))).Expect(200);
            Assert.Equal("replayed", Fault(await Send(before, Again(before.Client.Address))));
        }

        await using var after = await RunningApi.Start(store: store, publicUrls: ["http://agora.example"]);
        var refused = (await Send(after, Again(after.Client.Address))).Refused(503, Codes.Unavailable);
        Assert.InRange(refused.Error.GetProperty("retry_after_seconds").GetInt32(), 1, Limits.SignedSecondsAhead + 1);
        (await Send(after, (new SignedBy(First, after.Client.Address) { Created = at.AddSeconds(Limits.SignedSecondsAhead + 1) }).Request(HttpMethod.Get, Own))).Expect(200);
        (await Send(after, Again(after.Client.Address))).Refused(503, Codes.Unavailable);
    }

    [Fact]
    public async Task What_one_process_admitted_another_refuses_while_both_are_there()
    {
        var store = new MemoryJournal(TimeProvider.System);
        await using var one = await Registered(store, "http://agora.example");
        await using var other = await RunningApi.Start(store: store, publicUrls: ["http://agora.example"]);
        var at = DateTimeOffset.UtcNow;
        HttpRequestMessage Made(int seconds) => (new SignedBy(First, new("http://agora.example")) { Nonce = "n-1", Created = at.AddSeconds(seconds) }).Request(HttpMethod.Get, Own, after: r => r.Headers.Host = "agora.example");

        (await Send(one, Made(0))).Expect(200);
        (await Send(other, Made(0))).Refused(503, Codes.Unavailable);
        (await Send(other, Made(Limits.SignedSecondsAhead + 1))).Expect(200);
        Assert.Equal("replayed", Fault(await Send(one, Made(0))));
        Assert.NotEqual(200, (await Send(one, Made(Limits.SignedSecondsAhead + 1))).Status);
        Assert.Equal("replayed", Fault(await Send(other, Made(Limits.SignedSecondsAhead + 1))));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Request_whose_signature_has_a_fault_is_refused_with_its_word(string what, string fault)
    {
        await using var api = await Registered();
        var before = (await api.Client.Get(Own, RunningApi.PlatformKey)).Expect(200).Data.GetRawText();

        var refused = (await Send(api, Faulty(new SignedBy(First, api.Client.Address), what))).Refused(401, Codes.SignatureRefused);

        Assert.Equal((fault, "Bearer"), (Fault(refused), refused.Header("WWW-Authenticate")));
        Assert.StartsWith("agora=(\"@method\" \"@target-uri\"", refused.Header("Accept-Signature"), StringComparison.Ordinal);
        Assert.Equal(before, (await api.Client.Get(Own, RunningApi.PlatformKey)).Expect(200).Data.GetRawText());
    }

    /// <summary>An agent that only signs has no bearer to send.</summary>
    [Theory]
    [InlineData("POST", Beat, "a minute and more ago", "heartbeat", "/agents/agent-1/heartbeat")]
    [InlineData("GET", Own, "another's signature", "get_registered_agent", Own)]
    [InlineData("POST", "/agent/auth", "a minute and more ago", "auth", "/agent/auth")]
    [InlineData("POST", "/agent/auth", "a session", "auth", "/agent/auth")]
    [InlineData("GET", "/agent/flow/status", "nothing", "auth", "/agent/auth")]
    [InlineData("GET", "/agent/flow/status", "another agent's session", "auth", "/agent/auth")]
    [InlineData("GET", Own, "an agent that is not registered", "start", "/")]
    public async Task Next_action_after_a_fault_is_one_that_a_signature_can_do(string method, string path, string what, string action, string endpoint)
    {
        await using var api = await Registered();
        await Grant(api);
        var (signed, json) = (new SignedBy(First, api.Client.Address), path == Beat ? Lease : method == "POST" ? """{"agent_id":"agent-1","user_id":"user-1"}""" : null);
        var wrong = what switch
        {
            "a minute and more ago" => signed with { Created = DateTimeOffset.UtcNow.AddSeconds(-62) },
            "another's signature" => signed with { Key = Second, KeyId = signed.KeyId },
            "a session" => signed with { Session = (await Session(api)).Id },
            "another agent's session" => signed with { Session = (await Session(api, "agent-2")).Id },
            "an agent that is not registered" => signed with { KeyId = signed.KeyId.Replace("agent-1", "agent-9", StringComparison.Ordinal) },
            _ => signed,
        };

        var refused = (await Send(api, wrong.Request(new(method), path, json))).Refused(401, Codes.SignatureRefused);

        var next = Assert.Single(refused.NextActions);
        Assert.Equal((action, endpoint), (next.GetProperty("action").GetString(), next.GetProperty("endpoint").GetString()));
        Assert.DoesNotContain("bearer", next.GetProperty("description").GetString(), StringComparison.OrdinalIgnoreCase);
        var done = await Send(api, signed.Request(new(next.GetProperty("method").GetString()!), endpoint, action == "auth" ? """{"agent_id":"agent-1","user_id":"user-1"}""" : json));
        Assert.True(done.Status is 200 or 201, $"{done.Json}");
    }

    [Fact]
    public async Task Next_action_without_a_signature_is_a_session_by_a_bearer_as_before()
    {
        await using var api = await Registered();

        var refused = (await api.Client.Get(Own, "agk2_live_default.agent-1.c2VjcmV0.Y29kZQ")).Refused(401, Codes.Unauthorized);

        Assert.Contains("bearer", Assert.Single(refused.NextActions).GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A character taken out, put in or doubled anywhere in the fields of a request that was good.</summary>
    [Fact]
    public async Task Whatever_stands_in_the_fields_is_refused_in_words_and_is_no_defect()
    {
        await using var api = await Registered();
        var (random, signed, statuses) = (new Random(9421), new SignedBy(First, api.Client.Address), new Dictionary<int, int>());
        string[] fields = ["Signature-Input", "Signature", "Content-Digest", "Agora-Session"];
        for (var n = 0; n < 400; n++)
        {
            var answer = await Send(api, Beats(random.Next(2) == 0 ? signed : signed with { Session = "session-1" }, request =>
            {
                var field = fields[random.Next(fields.Length)];
                if (request.Headers.Contains(field))
                {
                    Change(request, field, text => Spoilt(text, random));
                }
            }));
            statuses[answer.Status] = statuses.GetValueOrDefault(answer.Status) + 1;
        }

        Assert.Empty(statuses.Keys.Except([200, 401]));
        Assert.True(statuses[401] > 200, string.Join(", ", statuses));

        static string Spoilt(string text, Random random)
        {
            var (at, sign) = (random.Next(text.Length), Signs[random.Next(Signs.Length)]);
            return random.Next(4) switch { 0 => text.Remove(at, 1), 1 => text.Insert(at, $"{sign}"), 2 => text[..at], _ => $"{text}, {text}" };
        }
    }

    [Fact]
    public async Task Key_that_was_rotated_away_or_revoked_signs_no_more()
    {
        await using var api = await Registered();
        var (old, next) = (new SignedBy(First, api.Client.Address), new SignedBy(Second, api.Client.Address));
        (await Send(api, old.Request(HttpMethod.Put, Own, AgentKey.Put(Second.Card(version: 2), First.Rotation(Second))))).Expect(200);

        Assert.Equal("other_key", Fault(await Send(api, old.Request(HttpMethod.Post, Beat, Lease))));
        (await Send(api, next.Request(HttpMethod.Post, Beat, Lease))).Expect(200);
        (await Send(api, next.Request(HttpMethod.Post, $"{Own}/revoke", $$"""{"revocation":"{{Second.Revocation()}}"}"""))).Expect(200);
        Assert.Equal("revoked_key", Fault(await Send(api, next.Request(HttpMethod.Post, Beat, Lease))));
    }

    /// <summary>A card that was put with a stolen API key outlives the key: the operator takes both away.</summary>
    [Fact]
    public async Task Card_that_an_operator_revoked_signs_no_more_and_offers_nothing()
    {
        await using var api = await RunningApi.Start();
        await api.Client.PutAgents("agent-1", "agent-2");
        var other = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-2/keys", "{}")).Expect(201).Data.GetProperty("key").GetString();
        var stolen = (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/keys", "{}")).Expect(201).Data;
        (await api.Client.Send(HttpMethod.Put, Own, stolen.GetProperty("key").GetString(), AgentKey.Put(First.Card()))).Expect(200);
        var signed = new SignedBy(First, api.Client.Address);
        (await api.Client.Admin(HttpMethod.Delete, $"/admin/agents/agent-1/keys/{stolen.GetProperty("key_id").GetString()}")).Expect(200);
        (await Send(api, signed.Request(HttpMethod.Post, Beat, Lease))).Expect(200);
        Assert.Equal(1, Offering());
        Assert.Equal(200, (await api.Client.Get("/a2a/agent-1/.well-known/agent-card.json", other)).Status);

        const string Revoke = "/admin/agents/agent-1/revoke-card";
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-2/revoke-card", """{"reason":"theft"}""")).Refused(404, Codes.NotFound);
        (await api.Client.Admin(HttpMethod.Post, Revoke, "{}")).Refused(422, Codes.ValidationFailed);
        var revoked = (await api.Client.Admin(HttpMethod.Post, Revoke, """{"reason":"theft"}""")).Expect(200).Data;
        Assert.Equal(revoked.GetRawText(), (await api.Client.Admin(HttpMethod.Post, Revoke, """{"reason":"again"}""")).Expect(200).Data.GetRawText());

        Assert.Equal("revoked_key", Fault(await Send(api, signed.Request(HttpMethod.Get, Own))));
        Assert.Equal(0, Offering());
        Assert.Equal(404, (await api.Client.Get("/a2a/agent-1/.well-known/agent-card.json", other)).Status);
        var shown = (await api.Client.Get(Own, RunningApi.PlatformKey)).Expect(200).Data;
        Assert.Equal(("revoked", "operator"), (shown.GetProperty("status").GetString(), shown.GetProperty("revocation").GetString()));
        (await api.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(First.Card(version: 2)))).Refused(409, Codes.KeyMismatch);

        int Offering() => api.Services.GetRequiredService<Catalogues>().Agents(Tenant.Default).Offering("translate", DateTimeOffset.UtcNow).Count;
    }

    [Fact]
    public async Task Agent_that_was_stopped_signs_in_vain()
    {
        await using var api = await Registered();
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/agent-1/stop", """{"reason":"test"}""")).Expect(200);
        (await Send(api, new SignedBy(First, api.Client.Address).Request(HttpMethod.Get, Own))).Refused(403, Codes.SessionSuspended);
    }

    [Fact]
    public async Task Signature_of_somebody_elses_beside_a_bearer_token_is_not_looked_at()
    {
        await using var api = await Registered();
        var request = (new SignedBy(Second, api.Client.Address) { Tag = "web-bot-auth" }).Request(HttpMethod.Get, Own);
        (await api.Client.Send(request, RunningApi.PlatformKey)).Expect(200);
    }

    [Fact]
    public async Task Other_signatures_beside_the_agents_are_not_looked_at()
    {
        await using var api = await Registered();
        var request = new SignedBy(First, api.Client.Address).Request(HttpMethod.Get, Own, after: r =>
        {
            r.Headers.TryAddWithoutValidation("Signature-Input", "proxy=(\"@method\");created=1;tag=\"proxy\"");
            r.Headers.TryAddWithoutValidation("Signature", "proxy=:AAAA:");
        });
        (await Send(api, request)).Expect(200);
    }

    [Fact]
    public async Task Who_shows_nothing_is_told_how_to_sign()
    {
        await using var api = await RunningApi.Start();
        var refused = (await api.Client.Post("/agent/session/delegate", null, "{}")).Refused(401, Codes.Unauthorized);
        Assert.Equal("""agora=("@method" "@target-uri" "content-digest");created;alg="ed25519";tag="agora-request" """.TrimEnd(), refused.Header("Accept-Signature"));
    }

    [Fact]
    public async Task Forged_signatures_bring_nobody_to_life()
    {
        await using var api = await Registered();
        var before = api.Activations;
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("unknown_key", Fault(await Send(api, new SignedBy(Second, api.Client.Address, $"stranger-{i}").Request(HttpMethod.Get, Own))));
            Assert.Equal("other_session", Fault(await Send(api, (new SignedBy(First, api.Client.Address) { Session = $"stranger-{i}" }).Request(HttpMethod.Get, "/agent/flow/status"))));
        }

        Assert.InRange(api.Activations, before, before + 1); // the agent itself
    }

    private static HttpRequestMessage Faulty(SignedBy signed, string what) => what switch
    {
        "no Signature" => Beats(signed, r => r.Headers.Remove("Signature")),
        "no Signature-Input" => Beats(signed, r => r.Headers.Remove("Signature-Input")),
        "another label" => Beats(signed, r => Change(r, "Signature", text => $"x{text}")),
        "a parameter that is not known" => Beats(signed, r => Change(r, "Signature-Input", text => $"{text};more=1")),
        "a signature that is no base64" => Beats(signed, r => Change(r, "Signature", _ => "sig=:***:")),
        "more than 8 KiB" => Beats(signed, r => Change(r, "Signature-Input", text => $"{text}, more=();keyid=\"{new string('n', 8_192)}\"")),
        "created twice" => Beats(signed, r => Change(r, "Signature-Input", text => $"{text};created=1")),
        "another tag" => Beats(signed with { Tag = "other" }),
        "two of the tag" => Beats(signed, r => Change(r, "Signature-Input", text => $"{text}, more={text["sig=".Length..]}")),
        "a bearer token besides" => Beats(signed, r => r.Headers.Authorization = new("Bearer", RunningApi.PlatformKey)),
        "no method" => Beats(signed with { Components = ["@target-uri", "content-digest"] }),
        "no address" => Beats(signed with { Components = ["@method", "@path", "content-digest"] }),
        "no query" => (signed with { Components = ["@method", "@authority", "@path"] }).Request(HttpMethod.Get, "/agents?q=x"),
        "no digest" => Beats(signed with { Components = ["@method", "@target-uri"] }),
        "no digest of a body in chunks" => Beats(signed with { Components = ["@method", "@target-uri"] }, r => r.Headers.TransferEncodingChunked = true),
        "a field that is not there" => Beats(signed with { Components = ["@method", "@target-uri", "content-digest"] }, r => Change(r, "Signature-Input", text => text.Replace("\"content-digest\"", "\"content-digest\" \"x-more\"", StringComparison.Ordinal))),
        "a session that is not signed" => Beats(signed with { Session = "session-1", Components = ["@method", "@target-uri", "content-digest"] }),
        "an hour ago" => Beats(signed with { Created = DateTimeOffset.UtcNow.AddHours(-1) }),
        "in an hour" => Beats(signed with { Created = DateTimeOffset.UtcNow.AddHours(1) }),
        "a minute and more ago" => Beats(signed with { Created = DateTimeOffset.UtcNow.AddSeconds(-62) }),
        "expired" => Beats(signed with { Expires = DateTimeOffset.UtcNow.AddSeconds(-1) }),
        "no nonce" => Beats(signed with { HasNonce = false }),
        "a long nonce" => Beats(signed with { Nonce = new('n', Limits.NonceCharacters + 1) }),
        "keyid of no form" => Beats(signed with { KeyId = "agent-1" }),
        "another tenant" => Beats(signed with { KeyId = signed.KeyId.Replace("default.", "second.", StringComparison.Ordinal) }),
        "an agent that is not registered" => Beats(signed with { KeyId = signed.KeyId.Replace("agent-1", "agent-9", StringComparison.Ordinal) }),
        "another's key by its name" => Beats(new(Second, signed.Server)),
        "another's signature" => Beats(signed with { Key = Second, KeyId = signed.KeyId }),
        "over another path" => Beats(signed, r => r.RequestUri = new("/agents/agent-1/revoke", UriKind.Relative)),
        "over another method" => signed.Request(HttpMethod.Get, Own, after: r => r.Method = HttpMethod.Put),
        "over another query" => signed.Request(HttpMethod.Get, "/agents?q=x", after: r => r.RequestUri = new("/agents?q=y", UriKind.Relative)),
        "one bit" => Beats(signed, r => Change(r, "Signature", text => $"{text[..5]}{(text[5] == 'A' ? 'B' : 'A')}{text[6..]}")),
        "another body" => Beats(signed, r => r.Content = new StringContent("""{"lease_seconds":61}""", Encoding.UTF8, "application/json")),
        "a digest of nothing known" => signed.Request(HttpMethod.Post, Beat, Lease, digest: "md5=:AAAA:"),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "There is no such fault."),
    };

    private static HttpRequestMessage Beats(SignedBy signed, Action<HttpRequestMessage>? after = null) => signed.Request(HttpMethod.Post, Beat, Lease, after);

    private static void Change(HttpRequestMessage request, string name, Func<string, string> change)
    {
        var value = change(request.Headers.GetValues(name).Single());
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }

    private static string Fault(Received reply) => reply.Refused(401, Codes.SignatureRefused).Error.GetProperty("details").GetProperty("fault").GetString()!;

    private static Task<Received> Send(RunningApi api, HttpRequestMessage request) => api.Client.Send(request, null);

    private static async Task<RunningApi> Registered(IJournal? store = null, params string[] publicUrls)
    {
        var api = await RunningApi.Start(store: store, publicUrls: publicUrls);
        (await api.Client.Send(HttpMethod.Put, Own, RunningApi.PlatformKey, AgentKey.Put(First.Card()))).Expect(200);
        return api;
    }

    private static async Task Grant(RunningApi api)
    {
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1/grants/agent-1", Chat.Grant)).Expect(200);
    }

    private static async Task<(string Id, string Token)> Session(RunningApi api, string agent = "agent-1")
    {
        var token = await api.Client.OpenSession(agent: agent);
        return (token["agt_".Length..token.IndexOf('.', StringComparison.Ordinal)], token);
    }
}
