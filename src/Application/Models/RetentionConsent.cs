using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Models;

/// <summary>Of one request: whether a model may be called whose provider keeps what it is sent. Its session is asked at most once, and only where there is such a provider.</summary>
internal sealed class RetentionConsent(ModelCatalogue models, ModelCaller call)
{
    private bool? _isGiven;

    public async ValueTask<bool> Admits(ServiceEntry model)
    {
        if (models.Provider(call.Tenant, model.Definition)?.RetainsData != true) return true;

        return _isGiven ??= await call.Peek() is { } session && session.Scopes.AdmitsRetention();
    }

    public static Rejection Missing(string model) => new Rejection(
        Codes.ScopeViolation, $"The provider of {model} keeps what it is sent, and the session's scopes do not allow that: allowed_consents has no {ModelConsents.DataRetention}. Repeated attempts suspend the agent.")
        .With(Fact.OutOfScope, ModelConsents.DataRetention);
}
