using Agora.Core.Holds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Core.Funds;

/// <summary>
/// How funds end holds, and pay.
/// <para>Rules, besides those of every node (<see cref="HoldDecider"/>). What is posted is owed, in the same event, to the provider's wallet and, as far
/// as it is a fee, to the fee's; each wallet gets what it is owed in numbered transfers, one under way at a time, sent again until it says that it
/// has it. One that a wallet was out of reach for, and does not remember this fund by, is stamped and sent anew. Who is owed nothing for long is told that it
/// may forget this fund (<see cref="SourceBook"/>, <see cref="PayableBook"/>).</para>
/// <para>Broken invariant: <c>released_was_taken</c> (a source that contradicts itself: money would be lost).</para>
/// </summary>
internal static class FundDecider<TState, TEvent>
    where TState : class, IFund<TState, TEvent>
    where TEvent : class
{
    public static Decision<TState, TEvent> Post(TState state, Guid holdId, long amountMicros, Context context)
    {
        var standing = HoldDecider.ToPost(state.Holds, holdId, context.Now);
        if (standing is not HoldStanding.Held) return Decision<TState, TEvent>.Accept(new HoldDecided(holdId, standing));

        var hold = state.Holds.Open[holdId];
        var (reply, posted) = (new HoldDecided(holdId, HoldStanding.Posted), TState.Posted(hold, amountMicros));
        var decided = Waits(state, hold, amountMicros)
            ? Decision<TState, TEvent>.Accept(reply, posted)
            : Sending(state, context, reply, posted, hold.Payee, WalletIds.Fee, state.ReturnsTo);
        return decided.Ride(Riding.Awaited);
    }

    public static Decision<TState, TEvent> Void(TState state, Guid holdId, Context context)
    {
        if (HoldDecider.Decided<TState, TEvent>(state.Holds, holdId, context.Now) is { } before) return before;

        var (reply, voided) = (new HoldDecided(holdId, HoldStanding.Voided), TState.Voided(holdId));
        return (state.ReturnsTo is { } wallet ? Sending(state, context, reply, voided, wallet) : Decision<TState, TEvent>.Accept(reply, voided)).Ride(Riding.Awaited);
    }

    /// <summary>That a transfer arrived only closes something, unless more is owed: then the next one is sent at once.</summary>
    public static Decision<TState, TEvent> TransferArrived(TState state, string wallet, long number, Context context)
    {
        if (state.PayableTo(wallet).InFlight?.Number != number) return Decision<TState, TEvent>.Accept(Nothing.Value);

        var decided = Sending(state, context, Nothing.Value, TState.Arrived(wallet, number), wallet);
        return decided.Ride(decided.Steps.IsEmpty ? Riding.UntilAlarm : Riding.No);
    }

    /// <summary>The event, and with it the transfer of what it leaves owed to wallets that have none under way; null names none.</summary>
    public static Decision<TState, TEvent> Sending(TState state, Context context, object reply, TEvent happened, params ReadOnlySpan<string?> wallets)
    {
        var after = state.Evolve(happened, context.Now);
        List<TEvent> events = [happened];
        List<Step> steps = [];
        foreach (var wallet in wallets)
        {
            if (wallet is null || after.PayableTo(wallet) is not { CanSend: true } payable) continue;

            var transfer = payable.Next(after.MemoTo(wallet));
            events.Add(TState.Sent(wallet, transfer));
            after = after.Evolve(events[^1], context.Now);
            steps.Add(Send(state.Stream, wallet, after.PayableTo(wallet).InFlight!));
        }

        return Decision<TState, TEvent>.Accept(reply, [.. events]).Then([.. steps]);
    }

    public static IEnumerable<Step> Unfinished(TState state) =>
        from payable in state.Payables.All
        let transfer = payable.Value.Sending
        where transfer is not null
        select Send(state.Stream, payable.Key, transfer);

    /// <summary>The wallet does not remember this fund, and took nothing under the time of sending that is too old for it. Fenced, so that only the stream's writer stamps anew.</summary>
    public static Decision<TState, TEvent> TransferLate(TState state, string wallet, long number, Context context)
    {
        // Young by this stream's own time it is sent again with the alarm: the clocks differ.
        if (state.PayableTo(wallet) is not { Sending: { } late } payable || late.Number != number || context.Now - late.SentAt <= Limits.ReserveMaxAge) return Decision<TState, TEvent>.NoChange;

        var anew = payable with { SentAnew = context.Now };
        return Decision<TState, TEvent>.Accept(Nothing.Value)
            .WithSoft(state.With(state.Payables.With(wallet, anew)))
            .FixingTime()
            .Then(Send(state.Stream, wallet, anew.Sending!));
    }

    /// <summary>Wallets that have been owed nothing for long.</summary>
    public static IEnumerable<Step> Releases(TState state, DateTimeOffset now) => state.Payables.Releasable(now).Select(rest =>
    {
        var (wallet, number) = (rest.Wallet, state.PayableTo(rest.Wallet).LastNumber);
        return new Step(
            Phase.AfterCommit,
            Payees.Forget(state.Stream, wallet, number, rest.Since),
            outcome => outcome is StepOutcome.Answered { Answer.Reply: Nothing } ? TState.TakeRelease(wallet, number) : null);
    });

    public static Decision<TState, TEvent> PayeeReleased(TState state, string wallet, long number, Context context) =>
        state.PayableTo(wallet) is { RestsSince: not null, Released: false } payable && payable.LastNumber == number
            ? Decision<TState, TEvent>.Did(TState.Released(context.NewId(0), wallet)).Ride(Riding.UntilAlarm)
            : Decision<TState, TEvent>.NoChange;

    /// <summary>As a payee: the source knows durably that its transfer of this number, the last one, had arrived by then.</summary>
    public static Decision<TState, TEvent> Forget(TState state, string source, long number, DateTimeOffset arrivedAt, Context context)
    {
        if (!state.Sources.Known.TryGetValue(source, out var known) || known.LastNumber > number) return Decision<TState, TEvent>.Accept(Nothing.Value);

        Invariant.Check(known.LastNumber == number, "released_was_taken");
        return context.Now - arrivedAt <= Limits.ReserveMaxAge
            ? Decision<TState, TEvent>.Reject(FundRejection.TooEarlyToForget)
            : Decision<TState, TEvent>.Accept(Nothing.Value, TState.Forgotten(context.NewId(0), source)).Ride(Riding.Awaited);
    }

    public static DateTimeOffset? Due(TState state) =>
        state.Payables.NextRelease is { } release && !(state.Holds.NextInquiry < release) ? release : state.Holds.NextInquiry;

    public static IEnumerable<Step> Inquiries(TState state, DateTimeOffset now) => HoldDecider.Inquiries(state.Holds, now, TState.TakeInquiry);

    // Whatever it leaves owed goes with the transfer after the one under way, as most of what is earned does.
    private static bool Waits(TState state, Hold hold, long amountMicros) =>
        state.ReturnsTo is null
        && state.PayableTo(hold.Payee!).InFlight is not null
        && (Fee.Of(amountMicros, hold.FeeBasisPoints) == 0 || state.PayableTo(WalletIds.Fee).InFlight is not null);

    // The wallet knows the numbers that it has taken, so that this may be repeated at any time.
    private static Step Send(StreamId fund, string wallet, Transfer transfer) => new(
        Phase.AfterCommit,
        Payees.Credit(fund, wallet, transfer),
        outcome => outcome switch
        {
            StepOutcome.Answered { Answer.Reply: Credited } => TState.TakeArrival(wallet, transfer.Number),
            StepOutcome.Answered { Answer.Rejection: { } refused } when refused == FundRejection.CreditLate => TState.TakeLateness(wallet, transfer.Number),
            _ => null,
        });
}
