using Agora.Core.Kernel;

namespace Agora.Replay.Reading;

/// <summary>How much one replay reads. The last page that is read may go beyond the rows.</summary>
/// <param name="LeftOut">Users who are named because their own history is too long.</param>
public sealed record ReplayBounds(int Users, long Rows, long UserRows, int LeftOut, TimeSpan Time)
{
    public static readonly ReplayBounds OfTheProduct = new(Limits.ReplayUsers, Limits.ReplayRows, Limits.ReplayUserRows, Limits.ReplayLeftOut, Limits.ReplayTime);
}
