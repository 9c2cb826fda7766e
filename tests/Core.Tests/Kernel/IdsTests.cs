using Agora.Core.Kernel;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Core.Tests.Kernel;

public sealed class IdsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Derived_id_is_a_UUIDv7_of_its_time() => Prop.ForAll(Times(), ArbMap.Default.ArbFor<Guid>(), ArbMap.Default.ArbFor<int>(), (at, seed, n) =>
    {
        var id = Ids.Derive(at, seed, n);
        Assert.True(Ids.IsVersion7(id) && (id.Variant & 0b1100) == 0b1000);
        Assert.Equal(at.ToUnixTimeMilliseconds(), Ids.TimeOf(id).ToUnixTimeMilliseconds());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ids_sort_by_their_time() => Prop.ForAll(Times(), Times(), (a, b) =>
        Assert.True(a.ToUnixTimeMilliseconds() == b.ToUnixTimeMilliseconds() || Ids.Derive(a, Guid.Empty, 0).CompareTo(Ids.Derive(b, Guid.Empty, 0)) == a.CompareTo(b))).QuickCheckThrowOnFailure();

    [Fact]
    public void Same_command_mints_the_same_ids_and_no_two_alike()
    {
        var ids = Enumerable.Range(0, 1_000).Select(n => Ids.Derive(Start, Guid.Empty, n)).ToList();
        Assert.Equal(ids, Enumerable.Range(0, 1_000).Select(n => Ids.Derive(Start, Guid.Empty, n)));
        Assert.Equal(1_000, ids.Distinct().Count());
        Assert.DoesNotContain(Ids.Derive(Start, new Guid(1, 0, 0, new byte[8]), 0), ids);
    }

    [Fact]
    public void Key_of_another_credential_or_tenant_is_another_command()
    {
        var id = Ids.FromKey("default", "session-1", "key");
        Assert.Equal(id, Ids.FromKey("default", "session-1", "key"));
        Assert.Equal(4, new[] { id, Ids.FromKey("default", "session-2", "key"), Ids.FromKey("other", "session-1", "key"), Ids.FromKey("default", "session-1", "key2") }.Distinct().Count());
        Assert.Equal(8, id.Version);
    }

    [Fact]
    public void Id_whose_time_no_calendar_has_is_from_the_end_of_time_and_no_error() =>
        Assert.Equal(9999, Ids.TimeOf(new Guid("ffffffff-ffff-7fff-bfff-ffffffffffff")).Year);

    private static Arbitrary<DateTimeOffset> Times() => (from seconds in Gen.Choose(0, int.MaxValue) from milliseconds in Gen.Choose(0, 999)
                                                         select DateTimeOffset.UnixEpoch.AddSeconds(seconds).AddMilliseconds(milliseconds)).ToArbitrary();
}
