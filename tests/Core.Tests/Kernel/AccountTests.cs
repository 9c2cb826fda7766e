using Agora.Core.Kernel;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Core.Tests.Kernel;

public sealed class AccountTests
{
    [Fact]
    public void No_accepted_reserve_takes_posted_and_held_above_the_limit_in_force() => Prop.ForAll(Operations(), operations =>
    {
        var account = Account.WithLimit(500);
        foreach (var (kind, amount) in operations)
        {
            var before = account;
            account = Apply(account, kind, amount);
            Assert.True(kind != 0 || account == before || account.Posted + account.Held <= account.Limit, $"{account} after a reserve of {amount}");
            Assert.True(account.Remaining >= 0);
            account.CheckInvariants();
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_lowering_the_limit_posted_and_held_never_exceed_it() => Prop.ForAll(Operations(), operations =>
    {
        var account = operations.Where(o => o.Kind != 6).Aggregate(Account.WithLimit(500), (a, o) => Apply(a, o.Kind, o.Amount));
        Assert.True(account.Limit == account.Posted + account.Held + account.Remaining, account.ToString());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Account_without_a_limit_reserves_whatever_an_amount_may_be()
    {
        Assert.True(Account.Unlimited.Reserve(Limits.MaxMicros).CanReserve(Limits.MaxMicros));
        Assert.False(Account.Unlimited.CanReserve(Limits.MaxMicros + 1));
    }

    [Fact]
    public void Lowered_limit_stops_new_holds_and_breaks_none()
    {
        var account = Account.WithLimit(100).Reserve(80).SetLimit(50);
        Assert.False(account.CanReserve(1));
        Assert.Equal(new Account(50, 80, 0), account.Post(80, 80));
    }

    [Fact]
    public void Refund_lowers_what_is_posted_and_touches_neither_limit_nor_holds() => Prop.ForAll(Operations(), operations =>
    {
        var account = operations.Aggregate(Account.WithLimit(500), (a, o) => Apply(a, o.Kind, o.Amount));
        foreach (var amount in operations.Select(o => Math.Min(o.Amount, account.Posted)))
        {
            var refunded = account.Refund(amount);
            Assert.Equal((account.Limit, account.Posted - amount, account.Held), (refunded.Limit, refunded.Posted, refunded.Held));
            account = refunded;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_was_refunded_can_be_reserved_again_and_no_more()
    {
        var account = Account.WithLimit(100).Reserve(80).Post(80, 80).Refund(30);
        Assert.Equal(50, account.Remaining);
        Assert.Equal(new Account(100, 80, 0), account.Reserve(30).Post(30, 30));
    }

    public static TheoryData<Func<Account>, string> Forbidden => new()
    {
        { () => Account.WithLimit(10).Reserve(11), "within_limit" },
        { () => Account.WithLimit(10).Reserve(-1), "within_limit" },
        { () => Account.WithLimit(10).Reserve(5).Post(5, 6), "post_within_hold" },
        { () => Account.WithLimit(10).Reserve(5).Post(6, 6), "post_within_hold" },
        { () => Account.WithLimit(10).Reserve(5).Post(5, -1), "post_within_hold" },
        { () => Account.WithLimit(10).Reserve(5).Void(6), "void_within_held" },
        { () => Account.Unlimited.Credit(1), "credit_to_a_fund" },
        { () => Account.Empty.Credit(-1), "credit_to_a_fund" },
        { () => Account.Empty.Credit(10).Reserve(5).Withdraw(6), "withdraw_within_remaining" },
        { () => Account.WithLimit(10).Reserve(5).Post(5, 3).Refund(4), "refund_within_posted" },
        { () => Account.WithLimit(10).Reserve(5).Post(5, 3).Refund(-1), "refund_within_posted" },
    };

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void Movement_that_would_make_or_lose_money_breaks_an_invariant(Func<Account> movement, string invariant) =>
        Assert.Equal(invariant, Assert.Throws<InvariantViolationException>(movement).Name);

    [Fact]
    public void Sum_beyond_what_a_long_holds_is_an_overflow_not_a_wrap() =>
        Assert.Throws<OverflowException>(() => Account.WithLimit(long.MaxValue).Credit(1));

    // 0 reserve, 1 post, 2 void, 3 credit, 4 withdraw, 5 refund, 6 set the limit: each only where the account allows it.
    private static Account Apply(Account account, int kind, long amount) => kind switch
    {
        0 => account.CanReserve(amount) ? account.Reserve(amount) : account,
        1 => account.Post(Math.Min(amount, account.Held), Math.Min(amount, account.Held) / 2),
        2 => account.Void(Math.Min(amount, account.Held)),
        3 => account.Credit(amount),
        4 => account.Withdraw(Math.Min(amount, account.Remaining)),
        5 => account.Refund(Math.Min(amount, account.Posted)),
        _ => account.SetLimit(amount),
    };

    private static Arbitrary<(int Kind, long Amount)[]> Operations() =>
        (from kind in Gen.Choose(0, 6) from amount in Gen.Choose(0, 400) select (kind, (long)amount)).ArrayOf().ToArbitrary();
}
