using System.Buffers.Binary;
using System.Text.Json;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Contracts;

/// <summary>
/// An envelope as bytes: the length of a JSON header (4 bytes, little endian), the header, and the body as its stored name's
/// codec writes it. Commands and answers go under the names that their entities give them. A step's own command has no name anywhere, so <see cref="Encode"/> refuses it, and no bytes decode to one.
/// </summary>
public sealed class EnvelopeCodec : IEnvelopeCodec
{
    /// <summary>
    /// What any entity may answer; the rest is in each entity's <see cref="Entity.Answers"/>. The names are for ever, like those of events: silos of two
    /// releases speak to each other during an update. None can be taken for a command's, which begin with their feature's name.
    /// </summary>
    public static readonly UnionCodec<object> CommonAnswers = new UnionCodec<object>()
        .Case<OperatingFailure>("failure")
        .Case<Rejection>("answer.rejection")
        .Case<Nothing>("answer.nothing")
        .Case<HoldEnded>("answer.hold_decided")
        .Case<RoomTold>("answer.room_told");

    /// <summary>What any entity may be asked.</summary>
    public static readonly UnionCodec<object> CommonQuestions = new UnionCodec<object>().Case<OutcomeAsked>("outcome_asked");

    private const int LengthBytes = sizeof(int);
    private static readonly JsonSerializerOptions HeaderJson = new(StoredJson.Options) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
    private readonly Dictionary<Type, Func<object, EncodedCase>> _encoders = [];
    private readonly Dictionary<string, Func<Header, ReadOnlyMemory<byte>, object>> _decoders = new(StringComparer.Ordinal);

    public EnvelopeCodec()
    {
        Add(CommonAnswers);
        Add(CommonQuestions);
        foreach (var entity in Manifest.Entities)
        {
            Add(entity.Answers);
            Add(entity.CommandNames);
        }
    }

    public byte[] Encode(Envelope envelope)
    {
        var answer = envelope.Body as Answer;
        var body = answer is null ? envelope.Body : answer.Rejection ?? answer.Reply!;
        if (!_encoders.TryGetValue(body.GetType(), out var encode))
        {
            throw new NotSupportedException($"{body.GetType()} has no stored name: it does not leave its process.");
        }

        var coded = encode(body);
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new Header(envelope.CommandId, coded.Name, coded.Version, envelope.Trace, envelope.Key, envelope.IsStep, envelope.Actor, answer?.Replayed ?? false, coded.Personal, envelope.Act, envelope.Caller), HeaderJson);
        var bytes = new byte[LengthBytes + header.Length + coded.Payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, header.Length);
        header.CopyTo(bytes, LengthBytes);
        coded.Payload.CopyTo(bytes, LengthBytes + header.Length);
        return bytes;
    }

    public Envelope Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var length = bytes.Length < LengthBytes ? -1 : BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
            if (length < 0 || length > bytes.Length - LengthBytes) throw new FormatException("An envelope is cut short.");

            var header = JsonSerializer.Deserialize<Header>(bytes.Span.Slice(LengthBytes, length), HeaderJson) ?? throw new FormatException("An envelope has no header.");
            var body = _decoders.TryGetValue(header.Name, out var decode)
                ? decode(header, bytes[(LengthBytes + length)..])
                : throw new UndecodableException(header.Name, header.Version);
            return new(header.Id, header.Trace, body, header.Key, header.IsStep, header.Actor, header.Act) { Caller = header.Caller };
        }
        catch (Exception broken) when (broken is JsonException or UndecodableException)
        {
            throw new FormatException($"The bytes are no envelope of this release: {broken.Message}", broken);
        }
    }

    private void Add(IUnionCodec codec)
    {
        foreach (var type in codec.Cases)
        {
            _encoders.Add(type, codec.Encode);
        }

        foreach (var name in codec.Names.Select(n => n.Name).Distinct())
        {
            _decoders.Add(name, (header, payload) => AsSent(header, codec.Decode(name, header.Version, payload, header.Personal)));
        }
    }

    private static object AsSent(Header header, object body) => body switch
    {
        Rejection rejection => new Answer(null, rejection, header.Replayed),
        OperatingFailure => body,
        _ when header.Name.StartsWith("answer.", StringComparison.Ordinal) => new Answer(body, null, header.Replayed),
        _ => body,
    };

    private sealed record Header(
        Guid Id,
        string Name,
        int Version,
        string? Trace = null,
        CommandKey? Key = null,
        bool IsStep = false,
        string? Actor = null,
        bool Replayed = false,
        Personal? Personal = null,
        Act? Act = null,
        string? Caller = null);
}
