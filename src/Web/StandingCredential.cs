using Agora.Core.Conversations;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>Whether what a request came with still opens something, for answers that go on: looked up again where that is <see cref="TalkLimits.CredentialEvery"/> ago.</summary>
internal sealed class StandingCredential(Func<Task<CredentialState>> look, TimeProvider time)
{
    private long _lookedAt = time.GetTimestamp();

    /// <returns>Null: it does as far as can be told.</returns>
    public async Task<Rejection?> Refusal()
    {
        if (time.GetElapsedTime(_lookedAt) < TalkLimits.CredentialEvery) return null;

        _lookedAt = time.GetTimestamp();
        return (await look()).Ended;
    }
}
