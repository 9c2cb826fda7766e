using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http;
using Agora.Client.Http.Sealing;
using Agora.Clients.Tests.Sealing;

namespace Agora.Clients.Tests.Peers;

/// <summary>Agents of the three clients that sign their requests by the key of their card: a signature is taken once, for what was signed, from its key, at its time.</summary>
[Collection(nameof(ClientWorld))]
public sealed class SignedTalkTests(ClientWorld world) : IDisposable
{
    private const string Folder = "tests/Clients.Tests/Peers";
    private const int Messages = 6;
    private readonly Talk _talk = new(world);

    [InterchangeTheory]
    [InlineData("C#")]
    [InlineData("TypeScript")]
    [InlineData("Python")]
    public async Task A_stream_that_is_cut_and_answers_that_are_lost_repeat_nothing_and_no_signature_is_taken_twice(string client)
    {
        var replies = new HashSet<string>();
        await using var relay = new Relay(world.Url) { StreamBytes = 900, IsLost = sent => sent.Path.EndsWith("/messages", StringComparison.Ordinal) && replies.Add(sent.Headers["Idempotency-Key"]) };
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = await _talk.Peer("bob", seal: false);
        var conversation = await Talk.Between(alice, bob);
        for (var n = 0; n < Messages; n++) await alice.Say(conversation, n);

        var done = await Done(client, new() { ["url"] = relay.Url, ["key"] = await _talk.Key("bob"), ["keys"] = _talk.PathOf("bob"), ["messages"] = Messages });

        Assert.Equal(Enumerable.Range(0, Messages), done["heard"]!.AsArray().Select(one => (int)one!));
        var heard = await alice.Inbox(wait: false).Where(one => one.IsMessage).Select(one => one.Content.GetProperty("heard").GetInt32()).ToListAsync();
        Assert.Equal(Enumerable.Range(0, Messages), heard);
        Assert.True(relay.Requests.Count(request => request.IsStream) > 2, "The stream was not cut.");
        Assert.Equal(Messages, replies.Count);
        Assert.All(relay.Requests, request => Assert.Equal(request.Path == $"/agents/{bob.AgentId}", request.Headers.ContainsKey("Authorization")));
        var signed = relay.Requests.Where(request => request.Headers.ContainsKey("Signature")).ToList();
        Assert.True(signed.Count > 2 * Messages);
        Assert.Equal(signed.Count, signed.Select(request => request.Nonce).Distinct().Count());
        foreach (var request in signed) Assert.Contains("\"fault\":\"replayed\"", await relay.Again(request), StringComparison.Ordinal);

        Assert.Equal(Messages, await alice.Messages(conversation).CountAsync(one => one.IsMessage && one.AgentId == bob.AgentId));
    }

    [InterchangeTheory]
    [InlineData("C#", "digest")]
    [InlineData("C#", "other_key")]
    [InlineData("C#", "unknown_key")]
    [InlineData("C#", "stale")]
    [InlineData("TypeScript", "digest")]
    [InlineData("TypeScript", "other_key")]
    [InlineData("TypeScript", "unknown_key")]
    [InlineData("TypeScript", "stale")]
    [InlineData("Python", "digest")]
    [InlineData("Python", "other_key")]
    [InlineData("Python", "unknown_key")]
    [InlineData("Python", "stale")]
    public async Task What_is_not_as_it_was_signed_is_refused_with_its_fault_and_nothing_is_said(string client, string fault)
    {
        await using var relay = new Relay(world.Url) { Body = body => fault == "digest" ? body.Replace("\"one\"", "\"two\"", StringComparison.Ordinal) : body };
        await using var bob = await _talk.Peer("bob", seal: false);
        if (fault != "unknown_key")
        {
            await using var registered = await _talk.Peer("alice", sign: true);
            await registered.Register(new());
        }

        if (fault is "other_key" or "unknown_key")
        {
            File.Delete(_talk.PathOf("alice"));
            KeyRing.Create(_talk.Id("alice"), _talk.PathOf("alice")).Dispose();
        }

        var done = await Done(client, new() { ["url"] = relay.Url, ["keys"] = _talk.PathOf("alice"), ["ahead"] = fault == "stale" ? 3_600 : 0, ["other"] = bob.AgentId });

        Assert.Equal(("signature_refused", fault), ((string?)done["code"], (string?)done["fault"]));
        Assert.StartsWith("Authentication", (string?)done["family"], StringComparison.Ordinal);
        Assert.Matches(fault == "stale" ? "This clock was at .*Z, the server's at .*Z: it is 3(599|600|601) s ahead" : "signature_refused", (string?)done["message"]);
        Assert.DoesNotContain(await bob.Inbox(wait: false).ToListAsync(), heard => heard.IsMessage);
    }

    [InterchangeTheory]
    [InlineData("C#")]
    [InlineData("TypeScript")]
    [InlineData("Python")]
    public async Task Within_a_session_it_talks_to_whom_the_scope_names_alone(string client)
    {
        await using var bob = await _talk.Peer("bob", seal: false);
        await using var carol = await _talk.Peer("carol", seal: false);
        await using var alice = await _talk.Buyer("alice", bob.AgentId);
        var session = (await alice.Open()).Data.SessionId;
        await using (var registered = await _talk.Peer("alice", sign: true))
        {
            await registered.Register(new());
        }

        JsonObject Asked(string other) => new() { ["url"] = world.Url, ["keys"] = _talk.PathOf("alice"), ["session"] = session, ["other"] = other };

        Assert.True((long)(await Done(client, Asked(bob.AgentId)))["number"]! > 0);
        Assert.Equal("scope_violation", (string?)(await Done(client, Asked(carol.AgentId)))["code"]);
    }

    [InterchangeTheory]
    [InlineData("C#")]
    [InlineData("TypeScript")]
    [InlineData("Python")]
    public async Task A_session_is_opened_by_a_signature_and_opened_again_when_its_time_is_over_and_no_key_is_sent(string client)
    {
        await using var relay = new Relay(world.Url);
        await using var granted = await _talk.Buyer("alice");
        await using (var registered = await _talk.Peer("alice", sign: true))
        {
            await registered.Register(new());
        }

        var done = await Done(client, new() { ["url"] = relay.Url, ["keys"] = _talk.PathOf("alice"), ["user"] = granted.UserId });

        Assert.NotEqual((string?)done["first"], (string?)done["then"]);
        Assert.Equal(((string?)done["then"], "no_session"), ((string?)done["within"], (string?)done["after"]));
        Assert.All(relay.Requests, request => Assert.True(request.Headers.ContainsKey("Signature") && !request.Headers.ContainsKey("Authorization")));
    }

    /// <summary>The key before signs the rotation and the request; a request whose answer is lost is asked for again, by the next one.</summary>
    [InterchangeTheory]
    [InlineData("C#", false)]
    [InlineData("C#", true)]
    [InlineData("TypeScript", false)]
    [InlineData("TypeScript", true)]
    [InlineData("Python", false)]
    [InlineData("Python", true)]
    public async Task A_signing_key_is_rotated_by_the_one_before_and_no_API_key_is_sent(string client, bool isLost)
    {
        var lost = 0;
        await using var relay = new Relay(world.Url) { IsLost = sent => isLost && sent.Line.StartsWith("PUT ", StringComparison.Ordinal) && Interlocked.Increment(ref lost) == 1 };
        await using var bob = await _talk.Peer("bob", seal: false);
        await using (var registered = await _talk.Peer("alice", sign: true))
        {
            await registered.Register(new() { Description = "Signs" });
        }

        var first = SigningKey("alice");

        var done = await Done(client, new() { ["url"] = relay.Url, ["keys"] = _talk.PathOf("alice"), ["other"] = bob.AgentId, ["rotate"] = true });

        Assert.True((long?)done["number"] > 0, $"{done}");
        Assert.Equal(isLost ? 1 : 0, Math.Min(lost, 1));
        var stands = (await bob.Send<RegistrationData>(HttpMethod.Get, $"/agents/{_talk.Id("alice")}")).Data;
        Assert.Equal((SigningKey("alice"), "Signs", 1), (stands.SigningKey.X, stands.Description, stands.Rotations.Count));
        Assert.NotEqual(first, stands.SigningKey.X);
        Assert.Null(JsonNode.Parse(await File.ReadAllTextAsync(_talk.PathOf("alice")))!["former"]);
        Assert.All(relay.Requests, request => Assert.True(request.Headers.ContainsKey("Signature") && !request.Headers.ContainsKey("Authorization")));
    }

    /// <summary>The file has both keys. Whether the registry has heard of the rotation nobody knows who starts again.</summary>
    [InterchangeTheory]
    [InlineData("C#", false)]
    [InlineData("C#", true)]
    [InlineData("TypeScript", false)]
    [InlineData("TypeScript", true)]
    [InlineData("Python", false)]
    [InlineData("Python", true)]
    public async Task A_rotation_that_a_crash_stopped_is_gone_on_with_by_any_client(string client, bool isRegistered)
    {
        var path = _talk.PathOf("alice");
        await using var bob = await _talk.Peer("bob", seal: false);
        await using (var registered = await _talk.Peer("alice", sign: true))
        {
            await registered.Register(new() { Description = "Signs" });
        }

        using (var ring = KeyRing.Load(path))
        {
            ring.BeginRotation();
        }

        var stopped = await File.ReadAllTextAsync(path);
        if (isRegistered)
        {
            await using (var other = await _talk.Peer("alice", sign: true))
            {
                await other.Register(new());
            }

            await File.WriteAllTextAsync(path, stopped);
        }

        var done = await Done(client, new() { ["url"] = world.Url, ["keys"] = path, ["other"] = bob.AgentId });

        Assert.True((long?)done["number"] > 0, $"{done}");
        var stands = (await bob.Send<RegistrationData>(HttpMethod.Get, $"/agents/{_talk.Id("alice")}")).Data;
        Assert.Equal((SigningKey("alice"), "Signs", 1), (stands.SigningKey.X, stands.Description, stands.Rotations.Count));
        Assert.Null(JsonNode.Parse(await File.ReadAllTextAsync(path))!["former"]);
    }

    /// <summary>Each would take the key before for done with, which the registry still goes by, and destroy it.</summary>
    [Fact]
    public async Task Rotations_that_begin_while_the_card_is_put_wait_for_it_and_for_each_other_and_the_agent_goes_on_by_the_last_key()
    {
        await using var bob = await _talk.Peer("bob", seal: false);
        await using (var registered = await _talk.Peer("alice", sign: true))
        {
            await registered.Register(new());
        }

        using var meanwhile = new Meanwhile();
        using var ring = KeyRing.Load(_talk.PathOf("alice"));
        await using var alice = new AgoraPeer(new() { Url = new(world.Url), Keys = ring, Sign = true, Handler = meanwhile });
        await alice.Open([bob.AgentId]);
        var rotated = new List<Task>();
        meanwhile.Putting = () => rotated.AddRange([alice.RotateSigningKey(), alice.RotateSigningKey()]);

        await alice.Register(new() { Description = "Signs" });
        await Task.WhenAll(rotated);

        Assert.Equal(2, rotated.Count);
        await alice.Open([bob.AgentId]);
        var stands = (await bob.Send<RegistrationData>(HttpMethod.Get, $"/agents/{alice.AgentId}")).Data;
        Assert.Equal((ring.Card.SigningKey, "Signs", 2), (stands.SigningKey.X, stands.Description, stands.Rotations.Count));
    }

    /// <summary>Another's card in this agent's name: neither key opens, and none is destroyed for that.</summary>
    [Fact]
    public async Task A_refusal_that_the_next_key_gets_too_leaves_both_keys()
    {
        var path = _talk.PathOf("alice");
        await using (var registered = await _talk.Peer("alice", sign: true))
        {
            await registered.Register(new());
        }

        using var others = KeyRing.Create(_talk.Id("alice"), $"{path}.other");
        others.BeginRotation();
        await using var alice = new AgoraPeer(new() { Url = new(world.Url), Keys = others, Sign = true });
        var before = await File.ReadAllTextAsync($"{path}.other");

        var refused = await Assert.ThrowsAsync<AuthenticationException>(() => alice.Register(new()));

        Assert.Equal("other_key", refused.Details!.Value.GetProperty("fault").GetString());
        Assert.Equal(before, await File.ReadAllTextAsync($"{path}.other"));
        Assert.Contains("\"former\"", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_card_is_registered_needs_its_API_key_no_more()
    {
        await using var bob = await _talk.Peer("bob");
        using var ring = KeyRing.Create(_talk.Id("alice"));
        await using (var first = await _talk.Peer("alice", keys: ring, sign: true))
        {
            await first.Register(new() { Name = "Alice" });
        }

        foreach (var key in (await _talk.Operator.Send<JsonElement>(HttpMethod.Get, $"/admin/agents/{_talk.Id("alice")}/keys")).Data.GetProperty("keys").EnumerateArray())
        {
            await _talk.Operator.Send<JsonElement>(HttpMethod.Delete, $"/admin/agents/{_talk.Id("alice")}/keys/{key.GetProperty("key_id").GetString()}");
        }

        await using var alice = new AgoraPeer(new() { Url = new(world.Url), Keys = ring, Sign = true, Seal = true });
        await alice.Register(new() { Description = "Signs" });
        await alice.RotateSigningKey();
        await alice.Say(await Talk.Between(alice, bob), "hello");

        var heard = await Talk.Next(bob);
        Assert.Equal((alice.AgentId, true, "hello"), (heard.AgentId, heard.IsSealed, heard.Read<string>()));
    }

    public void Dispose() => _talk.Dispose();

    private string SigningKey(string name)
    {
        using var ring = KeyRing.Load(_talk.PathOf(name));
        return ring.Card.SigningKey;
    }

    private async Task<JsonNode> Done(string client, JsonObject asked)
    {
        if (client == "C#") return await Here(asked);

        await TypeScript.Compile();
        var (program, script) = client == "Python" ? ("python3", "signing.py") : ("node", "signing.mjs");
        var (exitCode, output, errors) = await NodeProgram.Ended(Folder, program, asked.ToJsonString(), [script], ("PYTHONPATH", Repository.File("clients/python/src")), ("PYTHONDONTWRITEBYTECODE", "1"));
        Assert.True(exitCode == 0, $"{script} ended with {exitCode}: {errors}{output}");
        return JsonNode.Parse(output)!;
    }

    private static async Task<JsonNode> Session(Uri url, string path, string user)
    {
        using var ring = KeyRing.Load(path);
        await using var agent = new AgoraAgent(new() { Url = url, Keys = ring, UserId = user, ExpiresInSeconds = 10 });
        var first = (await agent.Open()).Data.SessionId;
        string then;
        for (then = first; then == first; then = (await agent.Status()).Data.Session.SessionId) await Task.Delay(500);

        var within = (await agent.Status()).Data.Session.SessionId;
        await agent.Close();
        var after = await Assert.ThrowsAnyAsync<AgoraException>(() => agent.Status());
        return new JsonObject { ["first"] = first, ["then"] = then, ["within"] = within, ["after"] = after.Details!.Value.GetProperty("fault").GetString() };
    }

    private static async Task<JsonNode> Here(JsonObject asked)
    {
        var (key, path) = ((string?)asked["key"], (string)asked["keys"]!);
        if ((string?)asked["user"] is { } user) return await Session(new((string)asked["url"]!), path, user);

        using var ring = key is null ? KeyRing.Load(path, new() { Time = new SimTimeProvider(DateTimeOffset.UtcNow.AddSeconds((int?)asked["ahead"] ?? 0)) }) : null;
        await using var me = new AgoraPeer(new() { Url = new((string)asked["url"]!), Key = key, KeysPath = path, Keys = ring, Sign = true, SessionId = (string?)asked["session"] });
        if ((int?)asked["messages"] is not { } messages)
        {
            try
            {
                if (asked["rotate"] is not null)
                {
                    await me.RotateSigningKey();
                }

                return new JsonObject { ["number"] = (await me.Say((await me.Open([(string)asked["other"]!])).Data.ConversationId, "one")).Data.Number };
            }
            catch (AgoraException refused)
            {
                var fault = refused.Details is { ValueKind: JsonValueKind.Object } details && details.TryGetProperty("fault", out var said) ? said.GetString() : null;
                return new JsonObject { ["family"] = refused.GetType().Name, ["code"] = refused.Code, ["fault"] = fault, ["message"] = refused.Message };
            }
        }

        var heard = await me.Inbox().Where(entry => entry.IsMessage).Take(messages).Select(async (Heard entry, CancellationToken cancel) =>
        {
            await me.Reply(entry, new { heard = entry.Read<int>() }, cancel: cancel);
            return entry.Read<int>();
        }).ToListAsync();
        return new JsonObject { ["heard"] = JsonSerializer.SerializeToNode(heard) };
    }

    /// <summary>Something else is begun while the first card is put, and before the server has it.</summary>
    private sealed class Meanwhile() : DelegatingHandler(new SocketsHttpHandler())
    {
        private Action? _putting;

        public Action? Putting { set => _putting = value; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Put)
            {
                Interlocked.Exchange(ref _putting, null)?.Invoke();
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
