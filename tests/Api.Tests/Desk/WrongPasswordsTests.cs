using System.Net;
using Agora.Api.Desk;
using Agora.Core.Kernel;
using Agora.Testing;

namespace Agora.Api.Tests.Desk;

public sealed class WrongPasswordsTests
{
    private static readonly PersonName Ann = new(Tenant.Default, "ann");
    private static readonly IPAddress Here = IPAddress.Loopback, Elsewhere = IPAddress.Parse("198.51.100.7");
    private readonly SimTimeProvider _time = new();
    private readonly WrongPasswords _wrong;

    public WrongPasswordsTests() => _wrong = new(_time);

    [Fact]
    public void Of_tries_that_come_together_no_more_are_looked_at_than_of_those_that_come_one_by_one()
    {
        var looked = Enumerable.Range(0, 20).Count(_ => _wrong.Begin(Ann, Here) is null);

        Assert.Equal(Limits.WrongPasswordsAtOnce, looked);
        Assert.Equal(Codes.RateLimited, _wrong.Begin(Ann, Here)!.Code);
    }

    [Fact]
    public void Guesses_at_a_name_of_one_tenant_slow_nobody_of_that_name_at_another()
    {
        var elsewhere = new PersonName(Tenant.Parse("second")!, "ann");
        for (var n = 0; n < 1_000; n++) _wrong.Begin(Ann, n % 2 == 0 ? Here : new IPAddress(n));

        Assert.NotNull(_wrong.Begin(Ann, Here));
        Assert.Null(_wrong.Begin(elsewhere, Here));
    }

    [Fact]
    public void Whoever_guesses_from_one_address_for_an_hour_keeps_the_owner_at_another_not_waiting()
    {
        for (var second = 0; second < 3_600; second++)
        {
            _wrong.Begin(Ann, Elsewhere);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.NotNull(_wrong.Begin(Ann, Elsewhere));
        Assert.Null(_wrong.Begin(Ann, Here));
    }

    [Fact]
    public void From_however_many_addresses_so_many_are_looked_at_and_one_more_now_and_then()
    {
        var looked = Enumerable.Range(0, 1_000).Count(n => _wrong.Begin(Ann, new IPAddress(n + 1)) is null);
        Assert.Equal(Limits.WrongPasswordsOfAll, looked);

        _time.Advance(10 * Limits.WrongPasswordEvery);
        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(n => _wrong.Begin(Ann, new IPAddress(n + 10_000)) is null));
    }

    [Fact]
    public void However_many_names_are_made_up_the_counts_of_the_others_stay_and_hardly_anybody_else_waits()
    {
        for (var n = 0; n < Limits.WrongPasswordsAtOnce; n++) _wrong.Begin(Ann, Here);
        for (var n = 0; n < 10_000; n++) _wrong.Begin(new(Tenant.Default, $"made-up-{n}"), Here);

        Assert.NotNull(_wrong.Begin(Ann, Here));
        Assert.InRange(Enumerable.Range(0, 1_000).Count(n => _wrong.Begin(new(Tenant.Default, $"other-{n}"), Elsewhere) is null), 990, 1_000);
    }

    [Fact]
    public void The_wait_doubles_to_its_most_and_is_over_with_its_time()
    {
        var waits = new List<long>();
        while (waits.Count < 9)
        {
            if (_wrong.Begin(Ann, Here) is { } refused)
            {
                waits.Add(refused.RetryAfterSeconds!.Value);
                _time.Advance(TimeSpan.FromSeconds(waits[^1]));
            }
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60], waits);
        _time.Advance(Limits.WrongPasswordsKept);
        Assert.Equal(Limits.WrongPasswordsAtOnce, Enumerable.Range(0, 20).Count(_ => _wrong.Begin(Ann, Here) is null));
    }

    [Fact]
    public void What_was_right_or_not_looked_at_does_not_count()
    {
        for (var n = 0; n < 100; n++)
        {
            Assert.Null(_wrong.Begin(Ann, Here));
            _wrong.NotLookedAt(Ann, Here);
        }

        for (var n = 0; n < 20; n++)
        {
            Assert.Null(_wrong.Begin(Ann, Here));
            _wrong.Right(Ann, Here);
        }
    }
}
