using Agora.Core.Holds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Core.Funds;

/// <summary>
/// How funds end holds, and pay.
/// <para>Rules, besides those of every node (<see cref="HoldDecider"/>). What is posted is owed, in the same event, to the provider's wallet and, as far
/// as it is a fee, to the fee's; each wallet gets what it is owed in numbered transfers, one under way at a time, sent again until it says that it
/// has it.</para>
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
            steps.Add(Send(state.Stream, wallet, transfer));
            after = after.Evolve(events[^1], context.Now);
        }

        return Decision<TState, TEvent>.Accept(reply, [.. events]).Then([.. steps]);
    }

    public static IEnumerable<Step> Unfinished(TState state) =>
        from payable in state.Owed
        let transfer = payable.Value.InFlight
        where transfer is not null
        select Send(state.Stream, payable.Key, transfer);

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
        outcome => outcome is StepOutcome.Answered { Answer.Reply: Credited } ? TState.TakeArrival(wallet, transfer.Number) : null);
}
