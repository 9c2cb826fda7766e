using Agora.Api.Http;
using Agora.Core.Kernel;

namespace Agora.Api.Lists;

/// <summary>Lists that are being sent whole: each keeps a page in memory until its reader has taken it, so a tenant has a few at once.</summary>
internal sealed class WholeLists
{
    public static readonly Rejection TooMany = new(
        Codes.Unavailable, $"{Limits.WholeListsAtOnce} lists are being sent whole already. Send it again, the same, when one of them is read.", RetryAfterSeconds: 5, Retry: true);

    private readonly AtOnce _sent = new(Limits.WholeListsAtOnce);

    /// <returns>To be disposed when it is sent; null: there are too many.</returns>
    public IDisposable? Begin(string tenant) => _sent.Begin(tenant);
}
