using Agora.Client.Http;
using Agora.Client.Http.Sealing;

namespace Agora.Clients.Tests.Peers;

/// <summary>src/Client.Http among agents: what is said is sealed by one switch, and keys change unnoticed by nobody.</summary>
[Collection(nameof(ClientWorld))]
public sealed class SealedTalkTests(ClientWorld world) : IDisposable
{
    private readonly Talk _talk = new(world);

    [Fact]
    public async Task What_is_said_sealed_is_read_by_its_recipient_and_the_server_has_ciphertext()
    {
        await using var alice = await _talk.Peer("alice");
        await using var bob = await _talk.Peer("bob");
        var conversation = await Talk.Between(alice, bob);

        await alice.Say(conversation, new { secret_rate = 7 });
        var heard = await Talk.Next(bob);

        Assert.Equal((true, 7, alice.AgentId), (heard.IsSealed, heard.Content.GetProperty("secret_rate").GetInt32(), heard.AgentId));
        await using var server = await _talk.Peer("bob", seal: false);
        var carried = (await Talk.Next(server)).Entry;
        Assert.Equal("application/vnd.agora.sealed+json", carried.ContentType);
        Assert.DoesNotContain("secret_rate", carried.Content.GetRawText(), StringComparison.Ordinal);
        Assert.Contains(await alice.Messages(conversation).ToListAsync(), own => own.IsSealed && own.Content.GetProperty("secret_rate").GetInt32() == 7);
    }

    [Fact]
    public async Task Who_has_left_is_sealed_to_no_more()
    {
        await using var alice = await _talk.Peer("alice");
        await using var bob = await _talk.Peer("bob");
        await using var carol = await _talk.Peer("carol");
        var conversation = (await alice.Open([bob.AgentId, carol.AgentId])).Data.ConversationId;
        await bob.Join(conversation);
        await carol.Join(conversation);
        await alice.Say(conversation, "of three");
        await carol.Leave(conversation);
        await alice.Say(conversation, "of two");

        await using var server = await _talk.Peer("bob", seal: false);
        var carried = await server.Inbox().Where(heard => heard.IsMessage).Take(2).Select(heard => heard.Content.GetRawText()).ToListAsync();
        Assert.Equal([true, false], carried.Select(text => text.Contains($"\"{carol.AgentId}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_request_is_answered_in_parts_and_on_behalf_of_who_asked()
    {
        await using var alice = await _talk.Peer("alice");
        await using var bob = await _talk.Peer("bob");
        await using var carol = await _talk.Peer("carol");
        var (ab, bc) = (await Talk.Between(alice, bob), await Talk.Between(bob, carol));
        var asked = alice.AskInParts(ab, "count", TimeSpan.FromSeconds(60)).Select(part => (part.Read<int>(), part.IsSealed)).ToListAsync().AsTask();
        var request = await Talk.Next(bob);

        var toCarol = bob.Ask(bc, "help", TimeSpan.FromSeconds(60), new() { OnBehalfOf = request });
        var served = await Talk.Next(carol);
        Assert.Equal([alice.AgentId], served.Entry.Path);
        await carol.Reply(served, 3);
        var last = (await toCarol).Read<int>();
        await bob.ReplyInParts(request, new object?[] { 1, 2, last }.ToAsyncEnumerable());

        Assert.Equal([(1, true), (2, true), (3, true)], await asked);
    }

    [Fact]
    public async Task Without_a_reply_in_time_there_is_UnansweredException()
    {
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = await _talk.Peer("bob", seal: false);
        var conversation = await Talk.Between(alice, bob);

        var asked = await Assert.ThrowsAsync<UnansweredException>(() => alice.Ask(conversation, "?", TimeSpan.FromSeconds(1), new() { MessageId = "question-1" }));

        Assert.Equal("question-1", asked.MessageId);
    }

    [Fact]
    public async Task A_peer_with_another_key_than_before_is_warned_of_and_nothing_is_sealed_or_opened_until_it_is_accepted()
    {
        var warnings = new List<KeyWarning>();
        await using var alice = await _talk.Peer("alice");
        using var ring = KeyRing.Create(_talk.Id("bob"));
        using var other = KeyRing.Create(_talk.Id("alice"));
        ring.Accept(other.Card); // Of alice bob has seen a key that is none of hers now.
        await using var bob = await _talk.Peer("bob", warned: warnings.Add, keys: ring);
        var conversation = await Talk.Between(alice, bob);
        await alice.Say(conversation, "hello");

        var heard = await Talk.Next(bob);
        Assert.Equal(("key_changed", "ciphertext"), (heard.Unopened!.Code, heard.Content.TryGetProperty("ciphertext", out _) ? "ciphertext" : ""));
        await Assert.ThrowsAsync<KeyChangedException>(() => bob.Say(conversation, "who are you?"));
        Assert.Equal([(alice.AgentId, false), (alice.AgentId, false)], warnings.Select(one => (one.Agent, one.IsRotation)));

        await bob.Accept(alice.AgentId);
        await bob.Reply(heard, "now I know");
        Assert.Equal("now I know", (await Talk.Next(alice)).Read<string>());
    }

    [Fact]
    public async Task A_rotated_signing_key_is_told_and_goes_on()
    {
        var warnings = new List<KeyWarning>();
        await using var alice = await _talk.Peer("alice");
        await using var bob = await _talk.Peer("bob", warned: warnings.Add);
        var conversation = await Talk.Between(alice, bob);
        await alice.Say(conversation, 1);
        Assert.Equal(1, (await Talk.Next(bob)).Read<int>());

        await alice.RotateSigningKey();
        await alice.RotateSigningKey();
        await alice.Say(conversation, 2);

        var heard = await bob.Inbox().FirstAsync(one => one.IsMessage && one.IsSealed && one.Read<int>() == 2);
        Assert.True(heard.IsSealed);
        Assert.Equal((alice.AgentId, true), Assert.Single(warnings.Select(one => (one.Agent, one.IsRotation))));
    }

    [Fact]
    public async Task Each_epoch_has_a_key_of_its_own_that_the_registry_shows_and_peers_seal_to()
    {
        var clock = new SimTimeProvider(DateTimeOffset.UtcNow);
        using var ring = KeyRing.Create(_talk.Id("bob"), options: new() { Time = clock });
        await using var alice = await _talk.Peer("alice");
        await using var bob = await _talk.Peer("bob", keys: ring);
        await bob.Register(new() { Name = "Bob", Skills = [new("count", "Counting", "Counts")] });
        var first = await Registered(alice, bob.AgentId);
        var conversation = await Talk.Between(alice, bob);

        clock.Advance(TimeSpan.FromDays(1));
        await bob.Say(conversation, "a new day");
        var next = await Registered(alice, bob.AgentId);

        Assert.NotEqual(first.EncryptionKey.X, next.EncryptionKey.X);
        Assert.Equal((first.SigningKey.X, "Bob", "count"), (next.SigningKey.X, next.Name, Assert.Single(next.Skills).SkillId));
        Assert.Equal("a new day", (await Talk.Next(alice)).Read<string>());
        await alice.Say(conversation, "good morning");
        Assert.Equal("good morning", (await Talk.Next(bob)).Read<string>());
    }

    [Fact]
    public async Task Who_only_listens_has_the_key_of_the_day_too()
    {
        var clock = new SimTimeProvider(DateTimeOffset.UtcNow);
        using var ring = KeyRing.Create(_talk.Id("bob"), options: new() { Time = clock });
        await using var relay = new Relay(world.Url) { StreamBytes = 900 };
        await using var alice = await _talk.Peer("alice", seal: false);
        await using var bob = new AgoraPeer(new() { Url = new(relay.Url), Key = await _talk.Key("bob"), Seal = true, Keys = ring });
        var conversation = await Talk.Between(alice, bob);
        var first = await Registered(alice, bob.AgentId);

        clock.Advance(TimeSpan.FromDays(1));
        for (var n = 0; n < 6; n++) await alice.Say(conversation, n);
        Assert.Equal(6, await bob.Inbox().Where(heard => heard.IsMessage).Take(6).CountAsync());

        Assert.NotEqual(first.EncryptionKey.X, (await Registered(alice, bob.AgentId)).EncryptionKey.X);
    }

    public void Dispose() => _talk.Dispose();

    private static async Task<RegistrationData> Registered(AgoraPeer by, string agent) => (await by.Send<RegistrationData>(HttpMethod.Get, $"/agents/{agent}")).Data;
}
