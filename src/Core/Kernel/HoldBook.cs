using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Agora.Core.Kernel;

/// <summary>What a hold keeps of one account of its node.</summary>
public sealed record HoldLine(string Account, long Amount);

/// <summary>An open hold of a node.</summary>
/// <param name="Owner">The session whose stream decides it; the node asks there, and nowhere else.</param>
/// <param name="OpenedAt">The node's own time.</param>
/// <param name="Payee">Of a fund: the wallet that earns what is posted.</param>
/// <param name="FeeBasisPoints">Of a fund: how much of it is the fee's.</param>
/// <param name="Memo">Of a payment that the payee's statement shows for itself.</param>
/// <param name="AmountMicros">Of a user: the run's price, which its lines may not say. Null: another node's, or of an earlier release.</param>
/// <param name="Grantee">Of a user, where no grant had a line: the agent whose grant counts it once there is one.</param>
public sealed record Hold(
    Guid Id,
    string Owner,
    Guid RunId,
    ImmutableArray<HoldLine> Lines,
    DateTimeOffset OpenedAt,
    string? Payee = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int FeeBasisPoints = 0,
    string? Memo = null,
    long? AmountMicros = null,
    string? Grantee = null);

/// <summary>What a node knows of a hold id.</summary>
public enum HoldStanding
{
    /// <summary>Never seen, and young enough to be reserved.</summary>
    Unknown,
    Held,
    Posted,

    /// <summary>Voided, or voided before its Reserve came (a tombstone).</summary>
    Voided,

    /// <summary>Not known, and so old that whatever it was has been decided and forgotten.</summary>
    Forgotten,

    /// <summary>Not known, too old to be reserved but not old enough to be forgotten.</summary>
    Late,

    /// <summary>From more than <see cref="Limits.ReserveMaxAhead"/> in the future.</summary>
    Ahead,
}

/// <summary>
/// Exactly-once for holds, in bounded memory. A hold id is a UUIDv7, and its age is the node's stream time minus the id's time.
/// A Reserve is refused when the id is older than 60 s or from more than 5 s ahead; outcomes are known for at least 120 s.
/// Both bounds use the one monotone clock of the stream, so a skewed clock can refuse but never admit twice.
/// <para>Outcomes stand in generations of 30 s that are dropped whole, and only when every id in them is <see cref="HoldStanding.Forgotten"/>
/// by its age: a tombstone for an id from ahead stays until a Reserve of it would be too late. So at most 150 s of outcomes are kept,
/// and as much longer as an owner's clock is ahead.</para>
/// </summary>
public sealed record HoldBook(ImmutableSortedDictionary<Guid, Hold> Open, ImmutableArray<OutcomeGeneration> Generations)
{
    private static readonly TimeSpan Width = TimeSpan.FromSeconds(30);

    public static readonly HoldBook Empty = new(ImmutableSortedDictionary<Guid, Hold>.Empty, []);

    public HoldStanding Find(Guid id, DateTimeOffset now)
    {
        if (Open.ContainsKey(id)) return HoldStanding.Held;

        var time = Ids.TimeOf(id);
        foreach (var generation in Generations)
        {
            if (time <= generation.Latest && generation.Outcomes.TryFind(id, out var posted))
            {
                return posted ? HoldStanding.Posted : HoldStanding.Voided;
            }
        }

        var age = now - time;
        return age > Limits.OutcomeKept ? HoldStanding.Forgotten
            : age > Limits.ReserveMaxAge ? HoldStanding.Late
            : age < -Limits.ReserveMaxAhead ? HoldStanding.Ahead
            : HoldStanding.Unknown;
    }

    /// <summary>Null: no inquiry is put off.</summary>
    public InquiryTimes? Inquiries { get; private init; }

    public HoldBook Add(Hold hold) => this with { Open = Open.Add(hold.Id, hold), Inquiries = Inquiries?.With(hold.Id) };

    public HoldBook Decide(Guid id, bool posted, DateTimeOffset at)
    {
        return this with
        {
            Open = Open.Remove(id),
            Inquiries = Inquiries?.Without(id),
            Generations = Generations is [var young, ..] && at - young.Since < Width
                ? Generations.SetItem(0, young.With(id, posted, at))
                : [OutcomeGeneration.Start(at).With(id, posted, at), .. Generations.Where(g => at - g.Latest <= Limits.OutcomeKept)],
        };
    }

    /// <summary>The owner of an open hold says how long it stays open: until then it is not asked again.</summary>
    public HoldBook PutOff(Guid id, DateTimeOffset until) => this with { Inquiries = (Inquiries ?? InquiryTimes.Of(Open.Keys)).With(id, until) };

    /// <summary>The earliest time at which an owner must be asked, or null. Ids sort by their time, so the first open one is the oldest.</summary>
    public DateTimeOffset? NextInquiry
    {
        get
        {
            if (Inquiries is not null) return Inquiries.InOrder.Min.At;

            foreach (var (id, _) in Open)
            {
                return InquiryTimes.Usual(id);
            }

            return null;
        }
    }

    public IEnumerable<Hold> Overdue(DateTimeOffset now) => Inquiries is null
        ? Open.Values.TakeWhile(h => InquiryTimes.Usual(h.Id) <= now)
        : Inquiries.InOrder.TakeWhile(i => i.At <= now).Select(i => Open[i.Id]);
}

/// <summary>Outcomes that were decided from <paramref name="Since"/> on.</summary>
/// <param name="Latest">The latest time of any decision or id in it.</param>
public sealed record OutcomeGeneration(DateTimeOffset Since, DateTimeOffset Latest, OutcomeLog Outcomes)
{
    public static OutcomeGeneration Start(DateTimeOffset at) => new(at, at, OutcomeLog.Empty);

    public OutcomeGeneration With(Guid id, bool posted, DateTimeOffset at)
    {
        var latest = Ids.TimeOf(id) > at ? Ids.TimeOf(id) : at;
        return new(Since, latest > Latest ? latest : Latest, Outcomes.With(id, posted));
    }
}
