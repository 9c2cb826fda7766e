using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Funds;

/// <summary>
/// How funds end holds, pay, and are paid.
/// <para>Rules, besides those of every node (<see cref="NodeDecider{TNode, TState, TEvent}"/>). What is posted is owed, in the same event, to the provider's wallet and, as far
/// as it is a fee, to the fee's; each payee gets what it is owed in numbered transfers, one under way at a time and one in <see cref="Limits.PayoutEvery"/>, sent again until it says that it
/// has it. One that a payee was out of reach for, and does not remember this fund by, is stamped and sent anew. Who is owed nothing for long is told that it
/// may forget this fund (<see cref="SourceBook"/>, <see cref="PayableBook"/>). No credit is refused for good: who sends has already parted with the money.</para>
/// <para>Broken invariants: <c>released_was_taken</c> (a source that contradicts itself: money would be lost), <c>credit_positive</c>, <c>items_within_credit</c>.</para>
/// </summary>
internal static class FundDecider<TFund, TState, TEvent>
    where TFund : IFund<TState, TEvent>
    where TState : class, IFundState<TState, TEvent>
    where TEvent : class
{
    public static Decision<TState, TEvent> Decide(TState state, NodeCommand asked, Context context) => asked switch
    {
        NodeCommand.Credit c => Credit(state, c, context),
        NodeCommand.ForgetSource c => Forget(state, c, context),
        NodeCommand.PayNow c => PayNow(state, c.Payee, context),
        _ => NodeDecider<TFund, TState, TEvent>.Decide(state, asked, context),
    };

    public static Decision<TState, TEvent> Learn(TState state, NodeOutcome outcome, Context context) => outcome switch
    {
        NodeOutcome.HoldInquired c => NodeDecider<TFund, TState, TEvent>.Inquired(state, c, context),
        NodeOutcome.HoldStaysOpen c => NodeDecider<TFund, TState, TEvent>.StaysOpen(state, c, context),
        NodeOutcome.TransferArrived c => TransferArrived(state, c.Payee, c.Number, context),
        NodeOutcome.TransferLate c => TransferLate(state, c.Payee, c.Number, context),
        NodeOutcome.PayoutDue c => PayoutDue(state, c.Payee, context),
        NodeOutcome.PayeeReleased c => PayeeReleased(state, c.Payee, c.Number, context),
        _ => throw new System.Diagnostics.UnreachableException(outcome.GetType().Name),
    };

    /// <summary>As of <see cref="INode{TState, TEvent}.End"/>.</summary>
    public static Decision<TState, TEvent> End(TState state, HoldEnded reply, TEvent ended, Hold? hold, long? posted, Context context)
    {
        var decided = posted is not { } amount ? Leaving(state, context, reply, ended)
            : Waits(state, hold!, amount, context.Now) ? Decision<TState, TEvent>.Accept(reply, ended)
            : Sending(state, context, reply, ended, hold!.Payee, WalletIds.Fee, state.ReturnsTo);
        return decided.Ride(Riding.Awaited);
    }

    /// <summary>The event, and with it whatever it leaves that is not held, where this fund keeps nothing.</summary>
    public static Decision<TState, TEvent> Leaving(TState state, Context context, object reply, TEvent happened) =>
        state.ReturnsTo is { } payee ? Sending(state, context, reply, happened, payee) : Decision<TState, TEvent>.Accept(reply, happened);

    /// <summary>The event, and with it the transfer of what it leaves owed to payees that have none under way; null names none. Who was paid lately is paid later, but for whom this fund returns all that is left to, and in a tenant for tests, whose time passes at once.</summary>
    public static Decision<TState, TEvent> Sending(TState state, Context context, object reply, TEvent happened, params ReadOnlySpan<string?> payees)
    {
        var after = state.Evolve(happened, context.Now);
        List<TEvent> events = [happened];
        List<Step> steps = [];
        foreach (var payee in payees)
        {
            if (payee is null || after.Dues.To(payee) is not { CanSend: true } payable) continue;

            if (payable.NotBefore is { } at && context.Now < at && payee != after.ReturnsTo && !Tenant.Of(after.Stream).IsTest)
            {
                steps.Add(PayLater(payee, at - context.Now));
                continue;
            }

            (after, var sent, var step) = Pay(after, payee, context);
            events.Add(sent);
            steps.Add(step);
        }

        return Decision<TState, TEvent>.Accept(reply, [.. events]).Then([.. steps]);
    }

    public static IEnumerable<Step> Unfinished(TState state) =>
        from payable in state.Dues.Payables.All
        where payable.Value.InTransitMicros > 0
        select payable.Value.Sending is { } transfer ? Send(state.Stream, payable.Key, transfer) : PayLater(payable.Key, TimeSpan.Zero);

    public static DateTimeOffset? Due(TState state) =>
        state.Dues.Payables.NextRelease is { } release && !(state.Holds.NextInquiry < release) ? release : state.Holds.NextInquiry;

    /// <summary>Owners of overdue holds are asked, and payees that have been owed nothing for long are told so.</summary>
    public static IEnumerable<Step> Ring(TState state, DateTimeOffset now) =>
        NodeDecider<TFund, TState, TEvent>.Inquiries(state, now).Concat(state.Dues.Payables.Releasable(now).Select(rest => Release(state, rest)));

    /// <summary>Each hold of a fund says who earns by it.</summary>
    public static void CheckPayees(TState state) => Invariant.Check(state.Holds.Open.Values.All(h => h.Payee is not null), "every_hold_has_a_provider");

    private static Decision<TState, TEvent> Credit(TState state, NodeCommand.Credit c, Context context)
    {
        var transfer = c.Transfer;
        Invariant.Check(transfer.AmountMicros > 0, "credit_positive");
        Invariant.Check((transfer.Items?.Sum(i => i.AmountMicros) ?? 0) <= transfer.AmountMicros, "items_within_credit");
        var reply = new Credited(c.Source, transfer.Number);
        return state.Sources.Find(c.Source, transfer.Number, transfer.SentAt, context.Now) switch
        {
            CreditStanding.Taken => Decision<TState, TEvent>.Accept(reply),
            CreditStanding.Late => Decision<TState, TEvent>.Reject(FundRejection.CreditLate).FixingTime(),
            _ => Leaving(state, context, reply, TFund.Credited(c)).Ride(Riding.Awaited),
        };
    }

    /// <summary>As a payee: the source knows durably that its transfer of this number, the last one, had arrived by then.</summary>
    private static Decision<TState, TEvent> Forget(TState state, NodeCommand.ForgetSource c, Context context)
    {
        if (!state.Sources.Known.TryGetValue(c.Source, out var known) || known.LastNumber > c.Number)
        {
            return Decision<TState, TEvent>.Accept(Nothing.Value);
        }

        Invariant.Check(known.LastNumber == c.Number, "released_was_taken");
        return context.Now - c.ArrivedAt <= Limits.ReserveMaxAge
            ? Decision<TState, TEvent>.Reject(FundRejection.TooEarlyToForget)
            : Decision<TState, TEvent>.Accept(Nothing.Value, TFund.Forgotten(context.NewId(0), c.Source)).Ride(Riding.Awaited);
    }

    // That a transfer arrived only closes something, unless more is owed: then the next one is sent when it is time, or at once.
    private static Decision<TState, TEvent> TransferArrived(TState state, string payee, long number, Context context)
    {
        if (state.Dues.To(payee).InFlight?.Number != number) return Decision<TState, TEvent>.Accept(Nothing.Value);

        var decided = Sending(state, context, Nothing.Value, TFund.Arrived(payee, number), payee);
        return decided.Ride(decided.Events.Length == 1 ? Riding.UntilAlarm : Riding.No);
    }

    // The payee does not remember this fund, and took nothing under the time of sending that is too old for it. Fenced, so that only the stream's writer stamps anew.
    private static Decision<TState, TEvent> TransferLate(TState state, string payee, long number, Context context)
    {
        // Young by this stream's own time it is sent again with the alarm: the clocks differ.
        if (state.Dues.To(payee).Sending is not { } late || late.Number != number || context.Now - late.SentAt <= Limits.ReserveMaxAge)
        {
            return Decision<TState, TEvent>.NoChange;
        }

        var anew = state.Dues.SendAnew(payee, context.Now);
        return Decision<TState, TEvent>.Accept(Nothing.Value)
            .WithSoft(state.With(anew))
            .FixingTime()
            .Then(Send(state.Stream, payee, anew.To(payee).Sending!));
    }

    private static Decision<TState, TEvent> PayoutDue(TState state, string payee, Context context)
    {
        if (!state.Dues.To(payee).CanSend) return Decision<TState, TEvent>.NoChange;

        var (_, sent, step) = Pay(state, payee, context);
        return Decision<TState, TEvent>.Did(sent).Then(step).Ride(Riding.Awaited);
    }

    private static Decision<TState, TEvent> PayNow(TState state, string payee, Context context)
    {
        var payable = state.Dues.To(payee);
        if (payable.OwedMicros == 0) return Decision<TState, TEvent>.Accept(Nothing.Value);
        if (!payable.CanSend) return Decision<TState, TEvent>.Accept(Nothing.Value).WithSoft(state.With(state.Dues.Hurry(payee)));

        var (_, sent, step) = Pay(state, payee, context);
        return Decision<TState, TEvent>.Accept(Nothing.Value, sent).Then(step);
    }

    private static (TState After, TEvent Sent, Step Step) Pay(TState state, string payee, Context context)
    {
        var sent = TFund.Sent(payee, state.Dues.To(payee).Next(state.MemoTo(payee)));
        var after = state.Evolve(sent, context.Now);
        return (after, sent, Send(state.Stream, payee, after.Dues.To(payee).InFlight!));
    }

    // One waits for each payee, whatever is decided meanwhile.
    private static Step PayLater(string payee, TimeSpan delay) =>
        new(Phase.AfterCommit, new StepTarget.Later(delay), _ => TFund.Learn(new NodeOutcome.PayoutDue(payee)), Ids.FromKey("", "payout", payee)) { IsSole = true };

    private static Decision<TState, TEvent> PayeeReleased(TState state, string payee, long number, Context context) =>
        state.Dues.To(payee) is { RestsSince: not null, Released: false } payable && payable.LastNumber == number
            ? Decision<TState, TEvent>.Did(TFund.Released(context.NewId(0), payee)).Ride(Riding.UntilAlarm)
            : Decision<TState, TEvent>.NoChange;

    // Whatever it leaves owed goes with the next transfer, as most of what is earned does.
    private static bool Waits(TState state, Hold hold, long amountMicros, DateTimeOffset now) =>
        state.ReturnsTo is null
        && Waits(state.Dues.To(hold.Payee!), now)
        && (hold.Memo is null || state.Dues.To(hold.Payee!).InFlight is not null)
        && (Fee.Of(amountMicros, hold.FeeBasisPoints) == 0 || Waits(state.Dues.To(WalletIds.Fee), now));

    private static bool Waits(Payable payable, DateTimeOffset now) => payable.InFlight is not null || (payable.OwedMicros > 0 && now < payable.NotBefore);

    private static Step Release(TState state, RestingPayee rest)
    {
        var (payee, number) = (rest.Wallet, state.Dues.To(rest.Wallet).LastNumber);
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(Payees.StreamOf(state.Stream, payee), new NodeCommand.ForgetSource(state.Stream.ToString(), number, rest.Since)),
            outcome => outcome is StepOutcome.Answered { Answer.Reply: Nothing } ? TFund.Learn(new NodeOutcome.PayeeReleased(payee, number)) : null);
    }

    // The payee knows the numbers that it has taken, so that this may be repeated at any time.
    private static Step Send(StreamId fund, string payee, Transfer transfer) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(Payees.StreamOf(fund, payee), new NodeCommand.Credit(fund.ToString(), transfer)),
        outcome => outcome switch
        {
            StepOutcome.Answered { Answer.Reply: Credited } => TFund.Learn(new NodeOutcome.TransferArrived(payee, transfer.Number)),
            StepOutcome.Answered { Answer.Rejection: { } refused } when refused == FundRejection.CreditLate => TFund.Learn(new NodeOutcome.TransferLate(payee, transfer.Number)),
            _ => null,
        });
}
