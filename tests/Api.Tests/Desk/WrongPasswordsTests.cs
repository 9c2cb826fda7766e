using Agora.Api.Desk;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Desk;

public sealed class WrongPasswordsTests
{
    private static readonly PersonName Ann = new(Tenant.Default, "ann");
    private readonly WrongPasswords _wrong = new(TimeProvider.System);

    [Fact]
    public void Of_tries_that_come_together_no_more_are_looked_at_than_of_those_that_come_one_by_one()
    {
        var looked = Enumerable.Range(0, 20).Count(_ => _wrong.Begin(Ann, isThere: true) is null);

        Assert.Equal(Limits.WrongPasswordsAtOnce, looked);
        Assert.Equal(Codes.RateLimited, _wrong.Begin(Ann, isThere: true)!.Code);
    }

    [Fact]
    public void However_many_names_are_made_up_the_counts_of_those_that_are_there_stay_and_nobody_else_waits()
    {
        for (var n = 0; n < Limits.WrongPasswordsAtOnce; n++) _wrong.Begin(Ann, isThere: true);
        for (var n = 0; n < (2 * Limits.WrongPasswordNames) + 10; n++) Assert.Null(_wrong.Begin(new(Tenant.Default, $"made-up-{n}"), isThere: false));

        Assert.NotNull(_wrong.Begin(Ann, isThere: true));
        Assert.Null(_wrong.Begin(new(Tenant.Default, "bob"), isThere: true));
    }

    [Fact]
    public void What_was_right_or_not_looked_at_does_not_count()
    {
        for (var n = 0; n < 20; n++)
        {
            Assert.Null(_wrong.Begin(Ann, isThere: true));
            _wrong.NotLookedAt(Ann, isThere: true);
        }

        for (var n = 0; n < 20; n++)
        {
            Assert.Null(_wrong.Begin(Ann, isThere: true));
            _wrong.Right(Ann);
        }
    }
}
