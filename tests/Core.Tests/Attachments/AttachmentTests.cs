using System.Globalization;
using Agora.Core.Attachments;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Attachments;

/// <summary>What an agent brings of a user in a day has a bound.</summary>
public sealed class AttachmentTests
{
    private DateTimeOffset _now = new(2030, 1, 1, 23, 59, 0, TimeSpan.Zero);
    private AttachmentState _brought = AttachmentEntity.Entity.Initial(Tenant.Default.Attachment(AttachmentIds.Counting("agent-1", "ann:1")));

    [Fact]
    public void So_many_files_are_brought_in_a_day_each_once_and_more_the_next()
    {
        for (var i = 0; i < AttachmentLimits.FilesOfDay; i++) Assert.Null(Brings(i.ToString(CultureInfo.InvariantCulture), 1));

        Assert.Null(Brings("0", 1));
        Assert.Equal((Codes.RateLimited, 60L), Brings("one too many", 1) is { } refused ? (refused.Code, refused.RetryAfterSeconds) : default);
        _now = _now.AddMinutes(1);
        Assert.Null(Brings("one too many", 1));
    }

    [Fact]
    public void So_many_bytes_are_brought_in_a_day()
    {
        Assert.Null(Brings("a", (int)AttachmentLimits.BytesOfDay - 1));
        Assert.NotNull(Brings("b", 2));
        Assert.Null(Brings("c", 1));
        var (save, restore) = (AttachmentEntity.Entity.Snapshots.Save, AttachmentEntity.Entity.Snapshots.Restore);
        Assert.Equal(save(_brought), save(restore(save(_brought))));
    }

    private Rejection? Brings(string hash, int length)
    {
        var decision = AttachmentEntity.Entity.Decide(_brought, new AttachmentCommand.Bring(hash, length), new(_now, Guid.NewGuid()));
        foreach (var happened in decision.Events)
        {
            _brought = _brought.Evolve(happened, _now);
        }

        return decision.Answer!.Rejection;
    }
}
