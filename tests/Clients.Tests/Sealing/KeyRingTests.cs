using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Client.Http.Sealing;
using Agora.Crypto;
using Agora.Crypto.Agents;

namespace Agora.Clients.Tests.Sealing;

/// <summary>Keys that change, are destroyed, and are known again.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly Party _party = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("agora-ring-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "ring.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_key_is_followed_by_another_when_its_epoch_is_over_and_not_before()
    {
        var first = _party.Bob.Card;
        _party.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.False(_party.Bob.Rekey());
        Assert.Equal(first, _party.Bob.Card);

        _party.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_party.Bob.Rekey());
        Assert.NotEqual(KeyId(first), KeyId(_party.Bob.Card));
        Assert.False(_party.Bob.Rekey());
        Assert.True(_party.Bob.Rekey(always: true));
    }

    [Fact]
    public void What_was_under_way_opens_until_its_key_is_destroyed_and_never_after()
    {
        var message = _party.Sealed();
        _party.Clock.Advance(TimeSpan.FromDays(1));
        _party.Bob.Rekey();
        Assert.Equal("hello", _party.Read(_party.Bob, message));

        _party.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        _party.Bob.Rekey();
        Assert.Equal("hello", _party.Read(_party.Bob, message));

        _party.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_party.Bob.Rekey());
        Assert.Equal("key_gone", Party.WhyNot(() => _party.Read(_party.Bob, message)));
        Assert.Equal("hello", _party.Read(_party.Alice, message));
    }

    /// <summary>Whoever has a signing key can sign any bytes.</summary>
    [Fact]
    public void A_signed_statement_or_a_message_whose_text_is_not_Unicode_is_none()
    {
        using var key = new Ed25519PrivateKey(new byte[Ed25519.SeedBytes]);
        byte[] said = [.. """{"agent":"bob","made":1,"key":"x"""u8, 0xF5, .. "\"}"u8];

        Assert.Null(KeyStatement.Epoch(Jws.Sign("agora-epoch-key+jwt", said, key), "bob", key.PublicKey));
        Assert.Null(KeyStatement.Epoch(Jws.Sign("agora-epoch-key+jwt", """{"\ud800":1,"agent":"bob","made":1}"""u8, key), "bob", key.PublicKey));
        Assert.Null(SealedText.Read("{\"v\":1,\"to\":\"\ud83d\"}"));
    }

    [Fact]
    public void A_destroyed_key_is_in_the_file_no_more()
    {
        using var ring = KeyRing.Create("dave", Path, _party.Options);
        var first = (string)Stored()["epochs"]![0]!["key"]!;
        _party.Clock.Advance(TimeSpan.FromDays(1));
        ring.Rekey();
        Assert.Equal(2, Stored()["epochs"]!.AsArray().Count);
        Assert.Contains(first, File.ReadAllText(Path), StringComparison.Ordinal);

        _party.Clock.Advance(TimeSpan.FromDays(7));
        ring.Rekey();
        Assert.DoesNotContain(first, File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.Equal(2, Stored()["epochs"]!.AsArray().Count);
    }

    [Fact]
    public void A_ring_is_the_same_after_its_process_and_its_file_is_its_owners_alone()
    {
        string message;
        AgentCard card;
        using (var ring = KeyRing.Create("dave", Path, _party.Options))
        {
            message = _party.Alice.Seal("hello"u8, Party.Text, Party.Conversation, Party.MessageId, [ring.Card]);
            ring.Open(message, Party.Conversation, Party.MessageId, _party.Alice.Card);
            card = ring.RotateSigningKey();
        }

        using var again = KeyRing.Load(Path, _party.Options);
        Assert.Equal((card.SigningKey, card.EpochKey, card.Rotations.Single()), (again.Card.SigningKey, again.Card.EpochKey, again.Card.Rotations.Single()));
        Assert.Equal("hello", _party.Read(again, message));
        Assert.Throws<KeyChangedException>(() => again.Open(message, Party.Conversation, Party.MessageId, _party.New("alice").Card));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Equal([Path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_that_is_there_is_not_overwritten_and_one_that_others_read_or_that_is_none_is_not_loaded()
    {
        using (KeyRing.Create("dave", Path, _party.Options))
        {
            Assert.Throws<IOException>(() => KeyRing.Create("dave", Path, _party.Options));
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            Assert.Contains("chmod 600", Assert.Throws<KeyRingInvalidException>(() => KeyRing.Load(Path)).Message, StringComparison.Ordinal);
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var good = Stored();
        Action<JsonObject>[] changes = [json => json["v"] = 2, json => json.Remove("signing"), json => json["signing"] = "AA", json => json["epochs"] = new JsonArray(), json => json["peers"] = new JsonObject(), json => json["agent"] = "a b", json => json["epochs"]![0]!["made"] = "x"];
        foreach (var change in changes)
        {
            var json = good.DeepClone().AsObject();
            change(json);
            File.WriteAllText(Path, json.ToJsonString());
            Assert.Equal("ring_invalid", Assert.Throws<KeyRingInvalidException>(() => KeyRing.Load(Path)).Code);
        }

        File.WriteAllText(Path, "no json");
        Assert.Throws<KeyRingInvalidException>(() => KeyRing.Load(Path));
    }

    [Fact]
    public void Where_the_file_cannot_be_written_nothing_is_another_than_before()
    {
        using var ring = KeyRing.Create("dave", Path, _party.Options);
        var card = ring.Card;
        Directory.CreateDirectory(Path + ".new");

        Assert.ThrowsAny<Exception>(() => ring.Rekey(always: true));
        Assert.ThrowsAny<Exception>(() => ring.RotateSigningKey());
        Assert.ThrowsAny<Exception>(() => ring.Seal("x"u8, Party.Text, "c", "m", [_party.Bob.Card]));

        Assert.Equal((card.SigningKey, card.EpochKey), (ring.Card.SigningKey, ring.Card.EpochKey));
        Directory.Delete(Path + ".new");
        Assert.NotEmpty(ring.Seal("x"u8, Party.Text, "c", "m", [_party.Bob.Card]));
    }

    [Fact]
    public void A_signing_key_that_changed_is_refused_for_sealing_and_opening_until_it_is_accepted()
    {
        var message = _party.Sealed();
        _party.Read(_party.Bob, message);
        var other = _party.New("alice");

        var changed = Assert.Throws<KeyChangedException>(() => _party.Bob.Seal("x"u8, Party.Text, "c", "m", [other.Card]));
        Assert.Equal(("alice", Thumbprint(_party.Alice.Card), Thumbprint(other.Card)), (changed.Agent, changed.Known, changed.Given));
        var sealedByOther = other.Seal("x"u8, Party.Text, "c", "m", [_party.Bob.Card]);
        Assert.Throws<KeyChangedException>(() => _party.Bob.Open(sealedByOther, "c", "m", other.Card));
        Assert.Equal("hello", _party.Read(_party.Bob, message));
        Assert.Empty(_party.Notices);

        _party.Bob.Accept(other.Card);
        Assert.Equal("x"u8, _party.Bob.Open(sealedByOther, "c", "m", other.Card).Content.Span);
        Assert.Throws<KeyChangedException>(() => _party.Read(_party.Bob, message));
    }

    [Fact]
    public void A_rotation_by_the_key_before_is_followed_over_several_and_noticed_once()
    {
        _party.Read(_party.Bob, _party.Sealed());
        var from = Thumbprint(_party.Alice.Card);
        _party.Alice.RotateSigningKey();
        var to = Thumbprint(_party.Alice.RotateSigningKey());

        _party.Read(_party.Bob, _party.Sealed());
        _party.Bob.Seal("x"u8, Party.Text, "c", "m", [_party.Alice.Card]);

        Assert.Equal(new SigningKeyRotated("alice", from, to), Assert.Single(_party.Notices));
    }

    [Fact]
    public void A_rotation_that_the_key_before_did_not_sign_for_this_agent_is_a_changed_key()
    {
        _party.Read(_party.Bob, _party.Sealed());
        var good = _party.Alice.RotateSigningKey();
        using var stranger = new Ed25519PrivateKey(new byte[32]);
        var key = Base64Url.DecodeFromChars(good.SigningKey);

        string[][] chains = [[], [KeyStatement.OfRotation("alice", key, stranger)], [good.Rotations[0].Replace('.', ',')], [good.EpochKey], [new string('x', 2_000)]];
        Assert.All(chains, chain => Assert.Throws<KeyChangedException>(() => _party.Bob.Seal("x"u8, Party.Text, "c", "m", [good with { Rotations = chain }])));
        Assert.Throws<KeyChangedException>(() => _party.Bob.Seal("x"u8, Party.Text, "c", "m", [_party.New("alice").Card with { Rotations = good.Rotations }]));

        var carols = _party.Carol.RotateSigningKey();
        using var bobs = new Ed25519PrivateKey(new byte[32]);
        _party.Bob.Seal("x"u8, Party.Text, "c", "m", [new("dave", Base64Url.EncodeToString(bobs.PublicKey.Span), KeyStatement.OfEpoch("dave", RingEpoch.New(1).Key, bobs), [])]);
        var stolen = new AgentCard("dave", carols.SigningKey, "", [KeyStatement.OfRotation("carol", Base64Url.DecodeFromChars(carols.SigningKey), bobs)]);
        Assert.Throws<KeyChangedException>(() => _party.Bob.Seal("x"u8, Party.Text, "c", "m", [stolen]));
    }

    [Fact]
    public void What_was_signed_before_a_rotation_opens_for_the_retention_and_not_after()
    {
        var (message, longKept) = (_party.Sealed(), KeyRing.Create("dave", options: _party.Options with { Retention = TimeSpan.FromDays(7) }));
        var davids = _party.Alice.Seal("hello"u8, Party.Text, Party.Conversation, Party.MessageId, [longKept.Card]);
        _party.Read(_party.Bob, message);
        longKept.Open(davids, Party.Conversation, Party.MessageId, _party.Alice.Card);
        _party.Alice.RotateSigningKey();

        Assert.Equal("hello", _party.Read(_party.Bob, message));
        Assert.Equal("hello", _party.Read(_party.Alice, message));
        Assert.Equal("hello", _party.Read(longKept, davids));
        _party.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal("not_authentic", Party.WhyNot(() => _party.Read(_party.Bob, message)));
        Assert.Equal("not_authentic", Party.WhyNot(() => _party.Read(_party.Alice, message)));
    }

    [Fact]
    public void An_older_key_than_was_seen_is_not_sealed_to()
    {
        var old = _party.Bob.Card;
        _party.Bob.Rekey(always: true);
        _party.Sealed();

        Assert.Equal("card_invalid", Assert.Throws<CardInvalidException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [old])).Code);
        Assert.NotEmpty(_party.Sealed());
    }

    [Fact]
    public void An_older_key_is_not_sealed_to_either_where_the_signing_key_was_rotated()
    {
        using var old = new Ed25519PrivateKey(new byte[32]);
        using var next = new Ed25519PrivateKey([1, .. new byte[31]]);
        var key = RingEpoch.New(5).Key;
        var rotated = new AgentCard("dave", Base64Url.EncodeToString(next.PublicKey.Span), KeyStatement.OfEpoch("dave", key with { Made = 4 }, next), [KeyStatement.OfRotation("dave", next.PublicKey.Span, old)]);
        _party.Alice.Seal("x"u8, Party.Text, "c", "m", [new("dave", Base64Url.EncodeToString(old.PublicKey.Span), KeyStatement.OfEpoch("dave", key, old), [])]);

        Assert.Throws<CardInvalidException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [rotated]));
        Assert.NotEmpty(_party.Alice.Seal("x"u8, Party.Text, "c", "m", [rotated with { EpochKey = KeyStatement.OfEpoch("dave", key, next) }]));
    }

    [Fact]
    public void A_key_that_its_agent_did_not_sign_or_that_is_nobodys_is_not_sealed_to()
    {
        var (bob, carol) = (_party.Bob.Card, _party.Carol.Card);
        using var key = new Ed25519PrivateKey(new byte[32]);
        var dave = new AgentCard("dave", Base64Url.EncodeToString(key.PublicKey.Span), "", []);
        AgentCard[] wrong =
        [
            bob with { EpochKey = carol.EpochKey }, bob with { Agent = "bobby" }, bob with { SigningKey = "AA" }, bob with { SigningKey = Base64Url.EncodeToString(new byte[32]) }, bob with { EpochKey = "" },
            dave, dave with { EpochKey = KeyStatement.OfEpoch("carol", RingEpoch.New(1).Key, key) }, dave with { EpochKey = KeyStatement.OfEpoch("dave", new(new byte[32], 1), key) },
            dave with { EpochKey = KeyStatement.OfEpoch("dave", new(new byte[31], 1), key) }, dave with { EpochKey = KeyStatement.OfEpoch("dave", new(RingEpoch.New(1).Key.PublicKey, -1), key) },
            dave with { EpochKey = KeyStatement.OfRotation("dave", RingEpoch.New(1).Key.PublicKey.Span, key) }, dave with { Agent = "d ave" },
        ];

        Assert.All(wrong, card => Assert.Throws<CardInvalidException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [card])));
        Assert.NotEmpty(_party.Alice.Seal("x"u8, Party.Text, "c", "m", [dave with { EpochKey = KeyStatement.OfEpoch("dave", RingEpoch.New(1).Key, key) }]));
    }

    [Fact]
    public void What_another_signed_under_the_id_of_an_agents_key_is_not_believed()
    {
        using var stranger = new Ed25519PrivateKey(new byte[32]);
        string[] Forged(string token, Action<JsonNode> change)
        {
            var parts = token.Split('.');
            var said = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!;
            change(said);
            var signed = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(said.ToJsonString()))}";
            return [$"{signed}.{parts[2]}", $"{signed}.{Base64Url.EncodeToString(stranger.Sign(Encoding.ASCII.GetBytes(signed)))}"];
        }

        _party.Read(_party.Bob, _party.Sealed());
        var (bob, other) = (_party.Bob.Card, Base64Url.EncodeToString(RingEpoch.New(1).Key.PublicKey.Span));
        string[] keys = [.. Forged(bob.EpochKey, said => said["key"] = other), .. Forged(_party.Bob.SignCard(new() { ["name"] = "bob" }), said => said["encryption_key"]!["x"] = other)];
        Assert.All(keys, key => Assert.Throws<CardInvalidException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [bob with { EpochKey = key }])));

        var mallory = _party.New("alice").Card;
        var rotations = Forged(_party.Alice.RotateSigningKey().Rotations[0], said => said["new_key"]!["x"] = mallory.SigningKey);
        Assert.All(rotations, rotation => Assert.Throws<KeyChangedException>(() => _party.Bob.Seal("x"u8, Party.Text, "c", "m", [mallory with { Rotations = [rotation] }])));
    }

    [Fact]
    public void What_the_agent_said_itself_opens_as_long_as_its_keys_are_kept()
    {
        _party.Alice.Rekey(always: true);
        var message = _party.Sealed();
        _party.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1)); // the key before is destroyed: it was followed a second after it was made
        _party.Alice.Rekey();

        Assert.Equal("hello", _party.Read(_party.Alice, message));
    }

    [Fact]
    public void Who_lost_its_keys_is_sealed_to_by_those_that_are_accepted_though_they_were_made_earlier()
    {
        _party.Bob.Rekey(always: true);
        _party.Sealed();
        var again = _party.New("bob");
        Assert.Throws<KeyChangedException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [again.Card]));

        _party.Alice.Accept(again.Card);

        Assert.Equal("x"u8, again.Open(_party.Alice.Seal("x"u8, Party.Text, "c", "m", [again.Card]), "c", "m", _party.Alice.Card).Content.Span);
    }

    [Fact]
    public void A_message_that_does_not_open_makes_no_key_known()
    {
        var forged = _party.New("alice");
        Assert.Equal("not_authentic", Party.WhyNot(() => _party.Bob.Open(_party.Sealed(), Party.Conversation, Party.MessageId, forged.Card)));

        Assert.Equal("hello", _party.Read(_party.Bob, _party.Sealed()));
    }

    [Fact]
    public void A_card_carries_64_rotations_that_whoever_saw_the_first_key_follows_and_one_more_is_refused()
    {
        _party.Read(_party.Bob, _party.Sealed());
        for (var i = 0; i < 64; i++) _party.Alice.RotateSigningKey();

        var last = _party.Alice.Card;
        Assert.Throws<InvalidOperationException>(_party.Alice.RotateSigningKey);
        Assert.Equal((64, last.SigningKey), (_party.Alice.Card.Rotations.Count, _party.Alice.Card.SigningKey));
        Assert.Equal("hello", _party.Read(_party.Bob, _party.Sealed()));
    }

    [Fact]
    public void Keys_are_made_in_order_also_where_the_clock_stands()
    {
        var cards = Enumerable.Range(0, 3).Select(_ =>
        {
            _party.Bob.Rekey(always: true);
            return _party.Bob.Card;
        }).ToList();

        foreach (var card in cards) Assert.NotEmpty(_party.Alice.Seal("x"u8, Party.Text, "c", "m", [card]));
        Assert.Equal(3, cards.Select(KeyId).Distinct().Count());
        Assert.Throws<ArgumentException>(() => KeyRing.Create("a b"));
        Assert.Throws<ArgumentException>(() => KeyRing.Create("a", options: new() { Epoch = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => _party.Bob.Accept(_party.Bob.Card));
    }

    private JsonObject Stored() => JsonNode.Parse(File.ReadAllText(Path))!.AsObject();

    private static string KeyId(AgentCard card) => KeyStatement.Epoch(card.EpochKey, card.Agent, Base64Url.DecodeFromChars(card.SigningKey))!.KeyId;

    private static string Thumbprint(AgentCard card) => Jwk.Thumbprint("Ed25519", Base64Url.DecodeFromChars(card.SigningKey));
}
