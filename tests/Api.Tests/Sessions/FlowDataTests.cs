using Agora.Api.Sessions;
using Agora.Web;
using static Agora.Api.Tests.Runs.RunDataTests;

namespace Agora.Api.Tests.Sessions;

public sealed class FlowDataTests
{
    private static readonly DateTimeOffset Odd = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(9)).AddTicks(1_234_567);
    private static readonly BudgetData Budget = new(new(1_000_000), new(2_500), new(0), new(997_500));

    [Fact]
    public void A_status_with_all_its_members_is_written_as_the_serializer_writes_it() => Same(new FlowData(
        "run_service",
        new("session", "agent \"é\u2028<", "user", new(["*"], ["a", "b"], [], ["c"], ["wallet"], ["peer"], new(5, null, 0, int.MaxValue), true, new(12_345)), Odd, DateTimeOffset.MaxValue),
        Budget,
        new(1, 2, 3, 4),
        [new("survey", Guid.AllBitsSet, Odd, 3), new("other", Guid.Empty, DateTimeOffset.UnixEpoch, 0)],
        [new("summary", new(250_000), "survey", 3), new("free", new(0), null, null)],
        [new("run", "summary", "succeeded", new(2_500), "survey", null, Odd, Odd.AddSeconds(1)), new("run-2", "summary", "pending", new(0), null, "upstream_failed", Odd, null)],
        Odd,
        null));

    [Fact]
    public void A_status_of_nothing_done_yet_is_written_as_the_serializer_writes_it() =>
        Same(new FlowData("find_service", new("s", "a", "u", new([], [], [], [], [], [], null, false, new(0)), Odd, Odd), Budget, ModelUseData.Of(null), [], [], [], null, "nothing_spent"));
}
