using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Client.Http.Sealing;
using Agora.Crypto;
using Agora.Crypto.Agents;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Clients.Tests.Sealing;

/// <summary>Who reads a sealed message, and who does not.</summary>
public sealed class SealedMessageTests
{
    private readonly Party _party = new();

    [Fact]
    public void Each_recipient_and_the_sender_open_it_and_know_who_sealed_it_to_whom()
    {
        var message = _party.Sealed("hello", _party.Carol);

        foreach (var ring in new[] { _party.Alice, _party.Bob, _party.Carol })
        {
            var opened = ring.Open(message, Party.Conversation, Party.MessageId, _party.Alice.Card);
            Assert.Equal(("alice", Party.Text, "hello"), (opened.Sender, opened.ContentType, Encoding.UTF8.GetString(opened.Content.Span)));
            Assert.Equal(["alice", "bob", "carol"], opened.Recipients);
        }
    }

    [Fact]
    public void What_was_sealed_is_opened_whatever_it_is()
    {
        var contents = (from bytes in Gen.Choose(0, 255).Select(one => (byte)one).ArrayOf() from type in Gen.Elements("text/plain", "application/json", "a") select (bytes, type)).ToArbitrary();
        Prop.ForAll(contents, one =>
        {
            var opened = _party.Bob.Open(_party.Alice.Seal(one.bytes, one.type, "c", "m", [_party.Bob.Card]), "c", "m", _party.Alice.Card);
            return opened.Content.Span.SequenceEqual(one.bytes) && opened.ContentType == one.type;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void No_two_messages_of_the_same_content_have_anything_in_common()
    {
        var (one, two) = (JsonNode.Parse(_party.Sealed())!, JsonNode.Parse(_party.Sealed())!);

        Assert.NotEqual((string?)one["ciphertext"], (string?)two["ciphertext"]);
        Assert.NotEqual((string?)one["commitment"], (string?)two["commitment"]);
        Assert.NotEqual((string?)one["to"]![0]!["enc"], (string?)two["to"]![0]!["enc"]);
        Assert.NotEqual((string?)one["to"]![0]!["enc"], (string?)one["to"]![1]!["enc"]);
    }

    [Fact]
    public void Whoever_it_is_not_sealed_to_is_told_so() =>
        Assert.Equal("not_for_us", Party.WhyNot(() => _party.Carol.Open(_party.Sealed(), Party.Conversation, Party.MessageId, _party.Alice.Card)));

    [Fact]
    public void In_another_conversation_under_another_id_or_from_another_sender_it_does_not_open()
    {
        var message = _party.Sealed();

        Assert.Equal("not_authentic", Party.WhyNot(() => _party.Bob.Open(message, "c-2", Party.MessageId, _party.Alice.Card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => _party.Bob.Open(message, Party.Conversation, "m-2", _party.Alice.Card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => _party.Bob.Open(message, Party.Conversation, Party.MessageId, _party.Carol.Card)));
        Assert.Equal("malformed", Party.WhyNot(() => _party.Bob.Open(message, "", Party.MessageId, _party.Alice.Card)));
    }

    [Fact]
    public void Any_bit_that_is_changed_anywhere_keeps_it_from_opening()
    {
        var bytes = Encoding.ASCII.GetBytes(_party.Sealed("hi", _party.Carol));
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<CannotOpenException>(() => _party.Bob.Open(Encoding.Latin1.GetString(bytes), Party.Conversation, Party.MessageId, _party.Alice.Card));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Equal("hi", _party.Read(_party.Bob, Encoding.ASCII.GetString(bytes)));
    }

    [Fact]
    public void What_is_left_out_added_or_in_another_order_keeps_it_from_opening()
    {
        var (good, other) = (_party.Sealed("hello", _party.Carol), JsonNode.Parse(_party.Sealed("other", _party.Carol))!);
        Action<JsonNode>[] changes =
        [
            json => json["v"] = 2, json => json["v"] = "1", json => json["more"] = 1, json => json.AsObject().Remove("commitment"), json => json["to"]!.AsArray().RemoveAt(2), json => json["to"]!.AsArray().RemoveAt(0),
            json => json["to"]!.AsArray().Add(json["to"]![2]!.DeepClone()), json => (json["to"]![1], json["to"]![2]) = (json["to"]![2]!.DeepClone(), json["to"]![1]!.DeepClone()),
            json => json["to"]![2] = other["to"]![2]!.DeepClone(), json => json["to"]![1] = other["to"]![1]!.DeepClone(), json => json["to"]![1]!["more"] = "",
            json => json["ciphertext"] = (string?)other["ciphertext"], json => json["commitment"] = (string?)other["commitment"], json => json["commitment"] = $"{json["commitment"]}=",
            json => json["ciphertext"] = "", json => json["to"] = new JsonArray(), json => json["to"] = null, json => json["to"]![0] = null, json => json["to"]![1]!["enc"] = Base64Url.EncodeToString(new byte[32]),
        ];
        foreach (var change in changes)
        {
            var json = JsonNode.Parse(good)!;
            change(json);
            Assert.Throws<CannotOpenException>(() => _party.Read(_party.Bob, json.ToJsonString()));
        }

        string[] texts = ["", "null", "[]", "1", "{", "\"\\ud800\"", """{"v":1,"to":[{}],"commitment":"\ud800","ciphertext":""}""", new string(' ', 65_537) + good, good.Replace("\"v\":1,", "\"v\":1,\"v\":1,", StringComparison.Ordinal)];
        Assert.All(texts, text => Assert.Equal("malformed", Party.WhyNot(() => _party.Read(_party.Bob, text))));
    }

    /// <summary>A recipient has the secret, so it can seal the sender's words anew; but not to others, for whom they were not.</summary>
    [Fact]
    public void A_recipient_cannot_pass_the_senders_words_on_as_sealed_by_the_sender_to_another()
    {
        var envelope = new Envelope(Party.Conversation, Party.MessageId, "alice");
        using var alice = new Ed25519PrivateKey(new byte[32]);
        var (bob, carol) = (RingEpoch.New(1), RingEpoch.New(1));
        var card = new AgentCard("alice", Base64Url.EncodeToString(alice.PublicKey.Span), "", []);
        var carols = Ring("carol", carol);
        (string, string)[] meant = [("alice", "k"), ("bob", bob.Key.KeyId)];
        (string, string)[] another = [("bob", bob.Key.KeyId), ("carol", carol.Key.KeyId)];

        Assert.Equal("not_authentic", Party.WhyNot(() => carols.Open(Resealed(alice.Sign(envelope.Signed(meant, "t", "x"u8)), "x"), Party.Conversation, Party.MessageId, card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => carols.Open(Resealed(alice.Sign(envelope.Signed(another, "t", "x"u8)), "y"), Party.Conversation, Party.MessageId, card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => carols.Open(Resealed(alice.Sign(envelope.Signed(another, "u", "x"u8)), "x"), Party.Conversation, Party.MessageId, card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => carols.Open(Resealed(alice.Sign((envelope with { Conversation = "c-2" }).Signed(another, "t", "x"u8)), "x"), Party.Conversation, Party.MessageId, card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => carols.Open(Resealed(alice.Sign((envelope with { MessageId = "m-2" }).Signed(another, "t", "x"u8)), "x"), Party.Conversation, Party.MessageId, card)));
        Assert.Equal("not_authentic", Party.WhyNot(() => carols.Open(Resealed(alice.Sign((envelope with { Sender = "mallory" }).Signed(another, "t", "x"u8)), "x"), Party.Conversation, Party.MessageId, card)));
        Assert.Equal("x"u8, carols.Open(Resealed(alice.Sign(envelope.Signed(another, "t", "x"u8)), "x"), Party.Conversation, Party.MessageId, card).Content.Span);

        string Resealed(byte[] signature, string content)
        {
            var to = new[] { ("bob", bob), ("carol", carol) }.Select(one => To(envelope, one.Item1, one.Item2.Key, new byte[32])).ToList();
            return Encrypted(envelope, to, new byte[32], new byte[32], [.. signature, .. Envelope.Text("t"), .. Encoding.UTF8.GetBytes(content)]).Json();
        }
    }

    /// <summary>AES-GCM alone would let one ciphertext open to different contents under different keys.</summary>
    [Fact]
    public void A_secret_that_the_message_does_not_commit_to_does_not_open_it()
    {
        var (envelope, bob) = (new Envelope(Party.Conversation, Party.MessageId, "alice"), RingEpoch.New(1));
        using var alice = new Ed25519PrivateKey(new byte[32]);
        var card = new AgentCard("alice", Base64Url.EncodeToString(alice.PublicKey.Span), "", []);
        var (secret, other) = (new byte[32], Enumerable.Repeat((byte)1, 32).ToArray());
        byte[] plaintext = [.. alice.Sign(envelope.Signed([("bob", bob.Key.KeyId)], "t", [])), .. Envelope.Text("t")];
        SealedTo[] to = [To(envelope, "bob", bob.Key, secret)];

        Assert.Equal("not_authentic", Party.WhyNot(() => Ring("bob", bob).Open(Encrypted(envelope, to, secret, other, plaintext).Json(), Party.Conversation, Party.MessageId, card)));
        Assert.Empty(Ring("bob", bob).Open(Encrypted(envelope, to, secret, secret, plaintext).Json(), Party.Conversation, Party.MessageId, card).Content.ToArray());
    }

    [Fact]
    public void It_has_at_most_64_KiB_and_64_recipients_each_once()
    {
        Assert.Throws<ArgumentException>(() => _party.Sealed(new string('x', 49_000)));
        Assert.Equal(48_000, _party.Read(_party.Bob, _party.Sealed(new string('x', 48_000))).Length);

        var many = Enumerable.Range(0, 64).Select(i => _party.New($"agent-{i}")).ToList();
        var message = _party.Alice.Seal("x"u8, Party.Text, "c", "m", [.. many.Select(one => one.Card), _party.Alice.Card]);
        Assert.Equal(65, many[^1].Open(message, "c", "m", _party.Alice.Card).Recipients.Count);

        Assert.Throws<ArgumentException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [.. many.Select(one => one.Card), _party.Bob.Card]));
        Assert.Throws<ArgumentException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [_party.Bob.Card, _party.Bob.Card]));
        Assert.Throws<ArgumentException>(() => _party.Alice.Seal("x"u8, Party.Text, "c", "m", [_party.Alice.Card]));
    }

    [Theory]
    [InlineData("", "c", "m")]
    [InlineData("text/plain\n", "c", "m")]
    [InlineData("text/plain", "", "m")]
    [InlineData("text/plain", "c c", "m")]
    [InlineData("text/plain", "c", "m\n")]
    [InlineData("text/plain", "c", "é")]
    public void What_has_no_type_or_no_ids_is_not_sealed(string type, string conversation, string id) =>
        Assert.Throws<ArgumentException>(() => _party.Alice.Seal("x"u8, type, conversation, id, [_party.Bob.Card]));

    private static SealedTo To(Envelope envelope, string agent, EpochKey key, byte[] secret)
    {
        var (encapsulated, ciphertext) = Hpke.Seal(key.PublicKey.Span, envelope.KeyInfo(agent, key.KeyId), [], secret)!.Value;
        return new(agent, key.KeyId, encapsulated, ciphertext);
    }

    private static SealedText Encrypted(Envelope envelope, IReadOnlyList<SealedTo> to, byte[] secret, byte[] committed, byte[] plaintext)
    {
        var (key, nonce, _) = envelope.Derive(secret);
        return new(to, envelope.Derive(committed).Commitment, Aes256Gcm.Seal(key, nonce, envelope.Associated(to), plaintext));
    }

    private static KeyRing Ring(string agent, RingEpoch epoch) =>
        new(new(agent, new byte[32], [], [epoch], ImmutableSortedDictionary<string, Peer>.Empty.Add(agent, new(new byte[32], 0))), null, null);
}
