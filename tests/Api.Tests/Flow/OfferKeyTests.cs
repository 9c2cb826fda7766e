using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Api.Tests.Flow;

/// <summary>Under which key something is offered, by which runs of the session are over.</summary>
public sealed class OfferKeyTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Else whoever asks again for what was offered meanwhile, because its reply was lost, would have it twice.</summary>
    [Fact]
    public void A_run_that_ends_after_one_that_was_asked_for_later_changes_no_key()
    {
        var (slow, quick) = (Run(1, asked: 0), Run(2, asked: 1, ended: 2));

        Assert.NotEqual(Key(slow), Key(slow, quick));
        Assert.Equal(Key(slow, quick), Key(slow with { ConcludedAt = Noon.AddSeconds(3) }, quick));
    }

    private static string Key(params RunSummary[] runs)
    {
        var session = new SessionView("s", "agent", "user", new(["*"], ["*"], ["*"], ["*"]), new(100, 0, 0, 100), default!, Noon, Noon.AddHours(1), null, false, null, runs);
        return new FlowState(Tenant.Default, session, new([]), 100, null, new ServiceCatalogue(), new OfferedBodies(new()), Noon.AddMinutes(1)).OfferKey("run_service", "summary");
    }

    private static RunSummary Run(byte id, int asked, int? ended = null) =>
        new(new Guid(id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), "summary", RunState.Succeeded, 1, null, null, Noon.AddSeconds(asked), ended is { } at ? Noon.AddSeconds(at) : null);
}
