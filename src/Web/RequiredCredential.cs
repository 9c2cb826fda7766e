using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>
/// What a route requires: said as it is to a caller that sent no credential, and with a sentence before it to one whose credential opens nothing here. That sentence is the same for every such credential:
/// it tells nothing of which keys there are.
/// </summary>
internal sealed class RequiredCredential(string required)
{
    private readonly Rejection _missing = new(Codes.Unauthorized, required);
    private readonly Rejection _notKnown = new(Codes.Unauthorized, $"The credential that was sent is not known here: it is wrong, has ended, or is of another kind or another server. {required}");

    /// <param name="presented">Empty: none was sent, or none in the form that is required.</param>
    public Rejection For(ReadOnlySpan<char> presented) => presented.IsEmpty ? _missing : _notKnown;

    public bool IsSaidBy(Rejection? refused) => ReferenceEquals(refused, _missing) || ReferenceEquals(refused, _notKnown);
}
