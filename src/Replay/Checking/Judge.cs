using System.Runtime.CompilerServices;
using Agora.Core.Kernel;
using Agora.Replay.Checking.Books;

namespace Agora.Replay.Checking;

/// <summary>
/// Whether what streams say of one hold, run, transfer or payment goes together. All of it is of one moment, so what was still under way then is no fault: money between two funds is in transit, a run
/// that is decided is posted where its session has been heard.
/// </summary>
/// <param name="now">The time of the last entry of a tenant whose time is the world's.</param>
/// <param name="isTest">Whether a stream, by its number, is of a tenant for tests: its time leaps, and what was under way at a reset stays so.</param>
/// <param name="broken">The fact at which it shows, the rule, and what is wrong.</param>
internal sealed class Judge(DateTimeOffset now, Func<int, bool> isTest, Action<Fact, string, string> broken)
{
    /// <summary>Older than any that its owner still decides, or that anybody inquires about.</summary>
    private static readonly TimeSpan Left = TimeSpan.FromMinutes(15);

    public long Runs { get; private set; }

    public long Payments { get; private set; }

    public long OpenHolds { get; private set; }

    public long Transfers { get; private set; }

    public long TransfersInTransit { get; private set; }

    public long InTransitMicros { get; private set; }

    public void Of(ReadOnlySpan<Fact> facts)
    {
        // An id is a hold's or a run's by what is said of it; a transfer's or payment's is of its own.
        switch (facts[0].Kind)
        {
            case >= FactKind.HoldOpen and <= FactKind.HoldFollowed:
                Hold(facts);
                break;
            case >= FactKind.UnfundedRunRequested and <= FactKind.RefundPaid:
                Run(facts);
                break;
            case >= FactKind.TransferSent and <= FactKind.TransferCredited:
                Transfer(facts);
                break;
            case FactKind.ItemMade or FactKind.ItemArrived:
                Item(facts);
                break;
            case FactKind.PaymentEntered or FactKind.PaymentDelivered:
                Payment(facts);
                break;
        }
    }

    private void Hold(ReadOnlySpan<Fact> facts)
    {
        Fact? held = null, tombstone = null, followed = null;
        foreach (var fact in facts)
        {
            switch (fact.Kind)
            {
                case FactKind.HoldFollowed:
                    followed = fact;
                    break;
                case FactKind.HoldNeverCame:
                    tombstone = fact;
                    Expect(held?.Kind != FactKind.HoldPosted, fact, Rules.Holds, $"a hold is voided that was posted there before");
                    break;
                case FactKind.HoldPosted when fact.Amount < 0:
                    broken(fact, Rules.Holds, "a hold is posted that was never reserved there");
                    break;
                default:
                    Expect(held is null && tombstone is null, fact, Rules.Holds, $"a hold is reserved though it was reserved or voided before");
                    held = fact;
                    break;
            }
        }

        if (held is not { Kind: FactKind.HoldOpen } open) return;

        OpenHolds++;
        Expect(followed is null, open, Rules.Holds, $"{open.Amount} are held though the owner of the hold knows it closed");
        var age = now - Timestamps.FromMicros(open.AtMicros);
        Expect(followed is not null || age <= Left || isTest(open.Stream), open, Rules.Holds, $"{open.Amount} have been held for {(long)age.TotalSeconds} s, and nobody decides");
    }

    private void Run(ReadOnlySpan<Fact> facts)
    {
        Fact? requested = null, posted = null, failed = null, followed = null, last = null;
        var (users, sessions, funds) = (0, 0, 0);
        foreach (var fact in facts)
        {
            switch (fact.Kind)
            {
                case FactKind.RunRequested or FactKind.UnfundedRunRequested or FactKind.RefundAccepted or FactKind.RefundRefused:
                    requested = fact;
                    break;
                case FactKind.RunPosted:
                    Expect(posted is null && failed is null, fact, Rules.Runs, $"a run is decided twice");
                    posted = fact;
                    break;
                case FactKind.RunFailed:
                    Expect(posted is null && failed is null, fact, Rules.Runs, $"a run is decided twice");
                    failed = fact;
                    break;
                case FactKind.RunFollowed:
                    followed = fact;
                    break;
                default:
                    last = fact;
                    users += fact.Kind == FactKind.RunPostedAtUser ? 1 : 0;
                    sessions += fact.Kind == FactKind.RunPostedAtSession ? 1 : 0;
                    funds += fact.Kind == FactKind.RunPostedAtFund ? 1 : 0;
                    break;
            }
        }

        if (requested is { Kind: FactKind.RefundAccepted or FactKind.RefundRefused } refund)
        {
            Refund(facts, refund);
            return;
        }

        Runs++;
        if (posted is not { } run)
        {
            Expect(last is null, last ?? facts[0], Rules.Runs, $"{last?.Amount} are posted for a run that its session did not post");
            return;
        }

        foreach (var fact in facts)
        {
            if (fact.Kind is not (FactKind.RunPostedAtUser or FactKind.RunPostedAtSession or FactKind.RunPostedAtFund)) continue;

            Expect(fact.Amount == run.Amount, fact, Rules.Runs, $"{fact.Amount} are posted for a run that its session posted for {run.Amount}");
            Expect(fact.Kind != FactKind.RunPostedAtFund || fact.Other == run.Other, fact, Rules.Runs, $"a run is posted at a fund that its session does not name");
        }

        var above = (int)(requested?.Other ?? 0);
        var paid = requested is { Amount: 0 } or { Kind: FactKind.UnfundedRunRequested } ? 0 : 1;
        Expect(users <= 1 && funds <= paid && sessions <= above, run, Rules.Runs, $"a run is posted {users} times at its user, {funds} at funds, and {sessions} at {above} sessions above");
        Expect(!(followed?.Seq > run.Seq) || (users == 1 && funds == paid && sessions == above), run, Rules.Runs, $"all follow a run that is posted {users} times at its user, {funds} at funds, and {sessions} at {above} sessions above");
    }

    private void Refund(ReadOnlySpan<Fact> facts, Fact refund)
    {
        var paid = 0L;
        foreach (var fact in facts) paid += fact.Kind == FactKind.RunPostedAtFund ? fact.Amount : 0;
        Expect(refund.Kind != FactKind.RefundAccepted || refund.Amount > 0, refund, Rules.Runs, $"a refund of {refund.Amount} is accepted");
        Expect(paid <= (refund.Kind == FactKind.RefundAccepted ? refund.Amount : 0), refund, Rules.Runs, $"{paid} were given back of a refund of {refund.Amount}");
    }

    private void Transfer(ReadOnlySpan<Fact> facts)
    {
        Fact? sent = null, arrived = null, credited = null;
        foreach (var fact in facts)
        {
            switch (fact.Kind)
            {
                case FactKind.TransferSent:
                    Expect(sent is null, fact, Rules.Transfers, $"a transfer is sent twice under one number");
                    sent = fact;
                    break;
                case FactKind.TransferArrived:
                    arrived = fact;
                    break;
                default:
                    Expect(credited is null, fact, Rules.Transfers, $"a transfer of {fact.Amount} is credited twice");
                    credited = fact;
                    break;
            }
        }

        Transfers++;
        if (sent is not { } one)
        {
            broken(facts[0], Rules.Transfers, "a transfer arrived that nobody sent");
        }
        else if (credited is { } there)
        {
            Expect(there.Amount == one.Amount, there, Rules.Transfers, $"{there.Amount} are credited of {one.Amount} that were sent");
        }
        else
        {
            Expect(arrived is null, one, Rules.Transfers, $"{one.Amount} were sent and are known to have arrived, and are credited nowhere");
            TransfersInTransit += arrived is null ? 1 : 0;
            InTransitMicros += arrived is null ? one.Amount : 0;
        }
    }

    private void Item(ReadOnlySpan<Fact> facts)
    {
        var made = Once(facts, FactKind.ItemMade, Rules.Transfers, "a payment is made twice under one id");
        if (Once(facts, FactKind.ItemArrived, Rules.Transfers, "a payment arrives twice") is { } there)
        {
            Expect(made is { } one && one.Other == there.Other && one.Amount == there.Amount, there, Rules.Transfers, $"a payment of {there.Amount} arrives that was not made like this");
        }
    }

    private void Payment(ReadOnlySpan<Fact> facts)
    {
        var entered = Once(facts, FactKind.PaymentEntered, Rules.Payments, "a payment by x402 entered twice");
        var delivered = Once(facts, FactKind.PaymentDelivered, Rules.Payments, "a payment by x402 delivered two runs");
        Payments++;
        Expect(delivered is null || entered is not null, delivered ?? facts[0], Rules.Payments, $"a payment by x402 delivered a run, and never entered");
    }

    /// <returns>The fact of this kind, of more than one the last; null: there is none.</returns>
    private Fact? Once(ReadOnlySpan<Fact> facts, FactKind kind, string rule, string twice)
    {
        Fact? found = null;
        foreach (var fact in facts)
        {
            if (fact.Kind != kind) continue;

            if (found is not null)
            {
                broken(fact, rule, twice);
            }

            found = fact;
        }

        return found;
    }

    private void Expect(bool holds, Fact at, string rule, [InterpolatedStringHandlerArgument(nameof(holds))] ref Sentence otherwise)
    {
        if (!holds)
        {
            broken(at, rule, otherwise.ToString());
        }
    }
}
