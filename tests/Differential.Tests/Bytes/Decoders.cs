using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Client.Http.Sealing;
using Agora.Contracts;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Crypto;
using Agora.Crypto.Agents;
using Agora.Crypto.Http;
using Agora.Crypto.Tokens;
using Agora.Grains.Conversations;
using Agora.Journal;
using Agora.Testing.Payments;
using Agora.Web;
using Agora.Web.Lists;
using Agora.X402;

namespace Agora.Differential.Tests.Bytes;

/// <summary>Whoever reads what somebody else wrote.</summary>
/// <param name="Samples">Good inputs, to begin from.</param>
/// <param name="Read">Answers, or refuses with <paramref name="Refusal"/>; nothing else may happen.</param>
/// <param name="Refusal">The documented exception; null: it refuses without one.</param>
internal sealed record Decoder(string Name, IReadOnlyList<byte[]> Samples, Action<byte[], Mutation> Read, Type? Refusal = null)
{
    public override string ToString() => Name;
}

internal static class Decoders
{
    private const string AgentId = "agent-1";
    private const string Stream = "default/session/0198c7d2-7a34-7c7e-b5a1-3f1f5b0c8e11";
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly Ed25519PrivateKey Key = new(Enumerable.Range(1, 32).Select(i => (byte)i).ToArray());
    private static readonly Jwk PublicKey = new(Key.PublicKey);
    private static readonly EpochKey Epoch = new(new X25519PrivateKey(Enumerable.Range(2, 32).Select(i => (byte)i).ToArray()).PublicKey, 1);
    private static readonly ApiOptions Options = new() { TokenKey = new byte[32], OperatorKeys = [], Policy = new(60, 0), NotReady = _ => Task.FromResult<string?>(null) };
    private static readonly ListCursors Lists = new(Options);
    private static readonly FeedCursors Feeds = new(Options.TokenKey);
    private static readonly EnvelopeCodec Envelopes = new();
    private static readonly FeedCursor Place = new(new(7, Stream, 3), new byte[32]);
    private static readonly PaymentRequirements Asked = new("exact", "eip155:84532", 250_000, "0x036cbd53842c5426634e7929541ec2318f3dcf7e", "0x1111111111111111111111111111111111111111", 300, "USDC", "2");

    private static readonly string Card = KeyStatement.OfCard(
        JsonNode.Parse("""{"version":1,"name":"N","description":"D","created_at":"2026-01-02T03:04:05Z","skills":[{"id":"s","name":"S","description":"D","tags":["t"],"input_modes":["text/plain"],"output_modes":[],"weight":2}],"endpoints":[{"protocol":"http","url":"https://a.example/b"}]}""")!.AsObject(),
        AgentId, Epoch, Key);
    private static readonly Payment Presented = PaymentReader.TryRead(Convert.ToBase64String(Paid(2)), 2, out var payment, out _) ? payment : throw new InvalidOperationException();

    public static IReadOnlyList<Decoder> All { get; } =
    [
        new("journal row", [Row(1), Row(3)], (bytes, _) => Rows(bytes), typeof(JournalCorruptException)),
        new("time of a journal row", [Row(1)], (bytes, _) => RowCodec.FirstAtMicros(new(Stream, 1, default, bytes)), typeof(JournalCorruptException)),
        new("envelope", [.. Sent()], (bytes, _) => Envelopes.Decode(bytes), typeof(FormatException)),
        new("cursor of the feed", [Encoding.UTF8.GetBytes(Place.ToString())], (bytes, m) => FeedCursor.Parse(m.Text(bytes)), typeof(FormatException)),
        new("bytes of a cursor of the feed", [Place.ToBytes()], (bytes, _) => FeedCursor.Of(bytes), typeof(FormatException)),
        Text("cursor of a list", [Lists.Mint("runs", ["a", 1L])], text => Lists.Read("runs", text)),
        Text("cursor of events", [Feeds.Mint(Tenant.Default, new(Place, "e")), Feeds.Mint(Tenant.Default, new(FeedCursor.Start))], text => Feeds.Read(Tenant.Default, text)),
        Text("cursor of an inbox", [new InboxPlace(Place, 2).Mint(Feeds, Tenant.Default)], text => InboxPlace.Read(Feeds, Tenant.Default, text)),
        Text("cursor of a conversation", [new EntryPlace(12, 3).ToString()], text => EntryPlace.Read(text)),
        new("signed request", [Encoding.ASCII.GetBytes(string.Join('\n', Signed()))], Verify),
        Text("token of another issuer", [Jws.Sign("at+jwt", """{"iss":"https://issuer.example","sub":"a","aud":["b"],"exp":1}"""u8, Key)], text => SignedToken.Parse(text)),
        new("keys of another issuer", [Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = new JsonArray(PublicKey.Document()) }.ToJsonString())], (bytes, _) => VerifyingKeys.Parse(bytes)),
        new("payload of a card that its agent signed", [Payload(Card)], (bytes, _) => Cards.Verify(AgentId, Jws.Sign(Cards.CardType, bytes, Key), [], new())),
        new("payload of a rotation that its agent signed", [Payload(KeyStatement.OfRotation(AgentId, Key.PublicKey.Span, Key))], (bytes, _) => Cards.Verify(AgentId, Card, [Jws.Sign(Cards.RotationType, bytes, Key)], new())),
        new("payload of a key for messages that its agent signed", [Payload(KeyStatement.OfEpoch(AgentId, Epoch, Key)), Payload(Card)], Statement),
        Text("card", [Card], text => Cards.Verify(AgentId, text, [text], new())),
        new("payment of version 2", [Paid(2)], (bytes, m) => PaymentReader.TryRead(Header(bytes, m), 2, out var _, out var _)),
        new("payment of version 1", [Paid(1)], (bytes, m) => PaymentReader.TryRead(Header(bytes, m), 1, out var _, out var _)),
        new("answer of a facilitator", [.. FacilitatorAnswers()], Answer),
        new("body of a request", ["""{"input":{"a":[1,2.5,null,"é\n\u00e9"]},"pay_with":"wallet","max_price_cents":25.5}"""u8.ToArray()], (bytes, _) => StrictJson.Parse(bytes, new())?.Dispose()),
        Text("sealed message", [Sealed()], text => SealedText.Read(text)),
        new("content of a sealed message", [[.. new byte[64], 0, 0, 0, 10, .. "text/plain"u8, .. "hello"u8]], (bytes, _) => Content.Read(bytes)),
        Text("amount", ["12.34", "100000000000"], text => Money.TryParseCents(text, out _)),
    ];

    private static Decoder Text(string name, IReadOnlyList<string> samples, Action<string> read) => new(name, [.. samples.Select(Encoding.UTF8.GetBytes)], (bytes, m) => read(m.Text(bytes)));

    private static byte[] Row(int entries) => RowCodec.Next(Stream, new(0, new byte[32]), [.. Enumerable.Range(1, entries).Select(i => new JournalEntry(new(i, 2, 3, new byte[8]), i, "cause"u8.ToArray(), [new("session.run_requested", 1, "{}"u8.ToArray(), "key", new byte[20]), new("é", 2, default)]))]).Body.ToArray();

    private static void Rows(byte[] body)
    {
        foreach (var entry in RowCodec.Decode(new(Stream, 1, default, body))) _ = entry.Events.Sum(e => e.Payload.Length + e.Name.Length);
    }

    private static IEnumerable<byte[]> Sent() => new object[]
    {
        new AgentCommand.PutAgent("owner"), new Answer(null, new(Codes.NotFound, "There is none."), false), new OperatingFailure(FailureKind.Unavailable, 3),
    }.Select(body => Envelopes.Encode(new(new(1, 2, 3, new byte[8]), "00-trace", body)));

    private static string[] Signed()
    {
        var (input, signature) = HttpSignature.Sign(Message(ContentDigest.Of("{}"u8), "", ""), Input(), "sig1", Key);
        return [input, signature, ContentDigest.Of("{}"u8)];
    }

    private static SignatureInput Input() => new(["@method", "@target-uri", "content-digest"], Now, PublicKey.KeyId, nonce: "n", tag: "agora", expires: Now.AddMinutes(1));

    private static HttpMessage Message(string digest, string input, string signature) => new("POST", "https", "a.example", "/b?c", name => name switch
    {
        "content-digest" => [digest],
        "signature-input" => [input],
        "signature" => [signature],
        _ => [],
    });

    private static void Verify(byte[] bytes, Mutation m)
    {
        var parts = m.Text(bytes).Split('\n', 3);
        var message = Message(parts.ElementAtOrDefault(2) ?? "", parts[0], parts.ElementAtOrDefault(1) ?? "");
        _ = HttpSignature.Verify(message, "{}"u8, new(["@method"]), _ => PublicKey, Now);
    }

    private static byte[] Payload(string jws) => Base64Url.DecodeFromChars(jws.Split('.')[1]);

    private static void Statement(byte[] bytes, Mutation m)
    {
        var type = m.OneIn(2) ? "agora-epoch-key+jwt" : KeyStatement.CardType;
        _ = KeyStatement.Epoch(Jws.Sign(type, bytes, Key), AgentId, Key.PublicKey);
    }

    private static byte[] Paid(int version)
    {
        using var payer = new TestPayer();
        return Encoding.UTF8.GetBytes(payer.Pay(Asked, Now, version: version, paymentId: version == 2 ? "pay_0123456789abcdef" : null).ToJsonString());
    }

    private static string Header(byte[] bytes, Mutation m) => m.OneIn(8) ? m.Text(bytes) : Convert.ToBase64String(bytes);

    private static IEnumerable<byte[]> FacilitatorAnswers() => new[]
    {
        """{"isValid":true,"payer":"0x1111111111111111111111111111111111111111"}""", """{"isValid":false,"invalidReason":"insufficient_funds"}""",
        """{"success":true,"transaction":"0x0000000000000000000000000000000000000000000000000000000000000001","network":"eip155:84532"}""", """{"success":false,"errorReason":"settlement_pending","transaction":""}""",
        """{"kinds":[{"x402Version":2,"scheme":"exact","network":"eip155:84532"},3,null]}""",
    }.Select(Encoding.UTF8.GetBytes);

    private static void Answer(byte[] bytes, Mutation m)
    {
        _ = Core.Payments.FacilitatorAnswers.Verify(m.OneIn(2), bytes, Presented);
        _ = Core.Payments.FacilitatorAnswers.Settle(m.OneIn(2), bytes, Presented, m.OneIn(2));
        _ = Core.Payments.FacilitatorAnswers.Supports(bytes, Asked.Network, 2);
    }

    private static string Sealed() => new SealedText([new(AgentId, PublicKey.KeyId, new byte[32], new byte[48]), new("agent-2", PublicKey.KeyId, new byte[32], new byte[48])], new byte[32], new byte[40]).Json();
}
