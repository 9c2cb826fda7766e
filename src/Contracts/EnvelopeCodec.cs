using System.Buffers.Binary;
using System.Text.Json;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Contracts;

/// <summary>
/// An envelope as bytes: the length of a JSON header (4 bytes, little endian), the header, and the body as its stored name's
/// codec writes it. Commands go under the names of their features' codecs; what comes back under the names of
/// <see cref="Answers"/>. A step's own command has no name anywhere, so <see cref="Encode"/> refuses it, and no bytes decode to one.
/// </summary>
public sealed class EnvelopeCodec : IEnvelopeCodec
{
    /// <summary>
    /// Everything that can be answered. The names are for ever, like those of events: silos of two releases speak to each
    /// other during an update. None can be taken for a command's, which begin with their feature's name.
    /// </summary>
    public static readonly UnionCodec<object> Answers = new UnionCodec<object>()
        .Case<OperatingFailure>("failure")
        .Case<Rejection>("answer.rejection")
        .Case<Nothing>("answer.nothing")
        .Case<UserView>("answer.user")
        .Case<GrantView>("answer.grant")
        .Case<UserErased>("answer.user_erased")
        .Case<SessionOpened>("answer.session_opened")
        .Case<SessionClosed>("answer.session_closed")
        .Case<Standing>("answer.standing")
        .Case<TaskDone>("answer.task_done")
        .Case<TaskVoided>("answer.task_voided")
        .Case<UserReserved>("answer.user_reserved")
        .Case<ApprovalNeeded>("answer.approval_needed")
        .Case<ConsentWithdrawn>("answer.consent_withdrawn")
        .Case<Sponsorship>("answer.sponsorship")
        .Case<SessionView>("answer.session")
        .Case<Completed>("answer.completed")
        .Case<RunView>("answer.run")
        .Case<PendingRuns>("answer.pending_runs")
        .Case<ApprovalGiven>("answer.approval_given")
        .Case<SessionEnded>("answer.session_ended")
        .Case<StandingTaken>("answer.standing_taken")
        .Case<Inquired>("answer.inquired")
        .Case<RateTaken>("answer.rate_taken")
        .Case<SessionReserved>("answer.session_reserved")
        .Case<CampaignView>("answer.campaign")
        .Case<FundReserved>("answer.campaign_reserved")
        .Case<HoldDecided>("answer.hold_decided")
        .Case<CompletionCounted>("answer.completion_counted")
        .Case<CompletionUncounted>("answer.completion_uncounted")
        .Case<RewardClaimed>("answer.reward_claimed")
        .Case<RewardFollowed>("answer.reward_followed")
        .Case<RewardView>("answer.reward")
        .Case<TaskClaim>("answer.task_claim")
        .Case<RewardStood>("answer.reward_stood")
        .Case<ServiceView>("answer.service")
        .Case<ServiceSecret>("answer.service_secret")
        .Case<WalletView>("answer.wallet")
        .Case<Credited>("answer.credited")
        .Case<TransferTaken>("answer.transfer_taken")
        .Case<AgentView>("answer.agent")
        .Case<PaymentEnd>("answer.payment_end")
        .Case<PaymentFound>("answer.payment_found")
        .Case<RefundView>("answer.refund")
        .Case<PaymentStanding>("answer.payment_standing")
        .Case<RefundTold>("answer.refund_told")
        .Case<KeyIssued>("answer.key_issued")
        .Case<KeyRevoked>("answer.key_revoked")
        .Case<KeyAccepted>("answer.key_accepted")
        .Case<GrantEnded>("answer.grant_ended")
        .Case<UserStanding>("answer.user_standing");

    private const int LengthBytes = sizeof(int);
    private static readonly JsonSerializerOptions HeaderJson = new(StoredJson.Options) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };
    private readonly Dictionary<Type, Func<object, EncodedCase>> _encoders = [];
    private readonly Dictionary<string, Func<Header, ReadOnlyMemory<byte>, object>> _decoders = new(StringComparer.Ordinal);

    public EnvelopeCodec()
    {
        Add(Answers);
        Add(UserCodec.Commands);
        Add(SessionCodec.Commands);
        Add(CampaignCodec.Commands);
        Add(ServiceCodec.Commands);
        Add(WalletCodec.Commands);
        Add(AgentCodec.Commands);
        Add(RefundCodec.Commands);
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
            new Header(envelope.CommandId, coded.Name, coded.Version, envelope.Trace, envelope.Key, envelope.IsStep, envelope.Actor, answer?.Replayed ?? false, coded.Personal), HeaderJson);
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
            if (length < 0 || length > bytes.Length - LengthBytes)
            {
                throw new FormatException("An envelope is cut short.");
            }

            var header = JsonSerializer.Deserialize<Header>(bytes.Span.Slice(LengthBytes, length), HeaderJson) ?? throw new FormatException("An envelope has no header.");
            var body = _decoders.TryGetValue(header.Name, out var decode)
                ? decode(header, bytes[(LengthBytes + length)..])
                : throw new UndecodableException(header.Name, header.Version);
            return new(header.Id, header.Trace, body, header.Key, header.IsStep, header.Actor);
        }
        catch (Exception broken) when (broken is JsonException or UndecodableException)
        {
            throw new FormatException($"The bytes are no envelope of this release: {broken.Message}", broken);
        }
    }

    private void Add<TUnion>(UnionCodec<TUnion> codec)
        where TUnion : class
    {
        foreach (var type in codec.Cases)
        {
            _encoders.Add(type, body => codec.Encode((TUnion)body));
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
        Personal? Personal = null);
}
