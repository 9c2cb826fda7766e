namespace Agora.Core.Kernel;

/// <summary>
/// The only code that adds or subtracts money. An account is what has been posted, what is held, and the most that both may
/// come to: a limit, or for a fund the money that is in it.
/// <para>Invariants: <c>held_not_negative</c>, <c>posted_not_negative</c>, and <c>within_limit</c>: no accepted Reserve takes
/// posted + held above the limit in force. Lowering a limit stops new holds; it breaks nothing that is held.</para>
/// <para>Bounds: amounts and limits are at most <see cref="Limits.MaxMicros"/>; sums are overflow-checked.</para>
/// </summary>
/// <param name="Limit">Null: no limit.</param>
public sealed record Account(long? Limit, long Posted, long Held)
{
    public static readonly Account Unlimited = new(null, 0, 0);
    public static readonly Account Empty = new(0, 0, 0);

    public static Account WithLimit(long? limit) => new(limit, 0, 0);

    /// <summary>What may still be reserved; never negative, and <see cref="Limits.MaxMicros"/> where there is no limit.</summary>
    public long Remaining => Limit is { } limit ? Math.Max(0, limit - Posted - Held) : Limits.MaxMicros;

    /// <summary>So much of the limit is spent or held that whoever spends is warned (<see cref="Limits.WarnAtPercent"/>).</summary>
    public bool IsNearLimit => Limit is { } limit && (Int128)(Posted + Held) * 100 >= (Int128)limit * Limits.WarnAtPercent;

    /// <summary>This much more, spent, takes it past that part of the limit, or to it.</summary>
    public bool Passes(long amount, int percent) => Limit is { } limit && (Int128)Posted * 100 < (Int128)limit * percent && (Int128)(Posted + amount) * 100 >= (Int128)limit * percent;

    /// <summary>By how much the limit would have to be higher for this much to be reserved.</summary>
    public long Missing(long amount) => Limit is { } limit ? Math.Max(0, Posted + Held + amount - limit) : 0;

    public bool CanReserve(long amount) => amount >= 0 && amount <= Remaining;

    public Account Reserve(long amount)
    {
        Invariant.Check(CanReserve(amount), "within_limit");
        return this with { Held = Held + amount };
    }

    /// <summary>Ends a hold: <paramref name="amount"/> ≤ <paramref name="held"/> is spent, the rest is free again.</summary>
    public Account Post(long held, long amount)
    {
        Invariant.Check(amount >= 0 && amount <= held && held <= Held, "post_within_hold");
        return this with { Held = Held - held, Posted = Posted + amount };
    }

    public Account Void(long held)
    {
        Invariant.Check(held >= 0 && held <= Held, "void_within_held");
        return this with { Held = Held - held };
    }

    /// <summary>Ends a hold either way. <paramref name="posted"/> null: it is voided.</summary>
    public Account End(long held, long? posted) => posted is { } amount ? Post(held, amount) : Void(held);

    /// <summary>Money comes into a fund.</summary>
    public Account Credit(long amount)
    {
        Invariant.Check(amount >= 0 && Limit is not null, "credit_to_a_fund");
        return this with { Limit = Limit + amount };
    }

    /// <summary>Unheld money leaves a fund other than by a hold (its sponsor takes it back).</summary>
    public Account Withdraw(long amount)
    {
        Invariant.Check(amount >= 0 && Limit is not null && amount <= Remaining, "withdraw_within_remaining");
        return this with { Limit = Limit - amount };
    }

    /// <summary>
    /// What was posted comes back: that much may be reserved again. Nothing else lowers what is posted, and only where it was
    /// posted: a period that is over has its account lowered, or none that could be, and no later one gains by it.
    /// </summary>
    public Account Refund(long amount)
    {
        Invariant.Check(amount >= 0 && amount <= Posted, "refund_within_posted");
        return this with { Posted = Posted - amount };
    }

    /// <summary>The limit is higher by this much.</summary>
    public Account Raise(long amount)
    {
        Invariant.Check(amount >= 0 && Limit is not null && Limit + amount <= Limits.MaxMicros, "raise_of_a_limit");
        return this with { Limit = Limit + amount };
    }

    public Account SetLimit(long? limit) => limit == Limit ? this : this with { Limit = limit };

    public void CheckInvariants()
    {
        Invariant.Check(Held >= 0, "held_not_negative");
        Invariant.Check(Posted >= 0, "posted_not_negative");
    }
}
