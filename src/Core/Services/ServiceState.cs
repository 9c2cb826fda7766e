using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.Services;

/// <summary>A service: what its operator said it is, and the credential it is called with. Invariant: <c>secret_has_header</c>.</summary>
/// <param name="View">Null: nobody has put it yet.</param>
/// <param name="Secret">Sealed with this service's own key, wherever it is stored.</param>
public sealed record ServiceState(StreamId Stream, ServiceView? View, Personal? Secret)
{
    /// <summary>Of a tenant for tests: what answers in its place; null: nothing was said.</summary>
    public IReadOnlyList<TestAnswer>? Answers { get; init; }

    public ServiceState Evolve(ServiceEvent happened) => happened switch
    {
        ServiceEvent.DefinitionPut e => this with { View = e.View with { Dropped = null }, Secret = e.Secret },
        ServiceEvent.Disabled e => this with { View = e.View },
        ServiceEvent.Retried e => this with { View = e.View },
        ServiceEvent.Overcharged e => this with { View = e.View },
        ServiceEvent.Tried => this,
        ServiceEvent.AnswersPut e => this with { Answers = e.View.Answers },
        _ => throw new UnreachableException(),
    };

    public void CheckInvariants() => Invariant.Check(Secret is null || View?.Definition.AuthHeader is not null, "secret_has_header");
}
