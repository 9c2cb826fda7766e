using Agora.Application.Catalogue;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Models;
using Agora.Providers;

namespace Agora.Application.Models;

/// <summary>Models that can be called here: services of a tenant whose providers this process has.</summary>
internal sealed class ModelCatalogue(Catalogues catalogues, IReadOnlyList<Provider> providers)
{
    private readonly Dictionary<string, Provider> _providers = providers.ToDictionary(provider => provider.Name, StringComparer.Ordinal);

    public Provider? Provider(Tenant tenant, ServiceDefinition model) => model.ModelProvider is { } name && _providers.GetValueOrDefault(name) is { } provider && (provider.ServesTests || !tenant.IsTest) ? provider : null;

    /// <summary>Null: no active service of this name is a model.</summary>
    public ServiceEntry? Find(Tenant tenant, string id) => catalogues.In(tenant).Active(id) is { Definition.Model: not null } model ? model : null;

    /// <summary>Null: no active service of this name chooses among models.</summary>
    public ServiceEntry? Router(Tenant tenant, string id) => catalogues.In(tenant).Active(id) is { Definition.Routes: not null } router ? router : null;

    /// <summary>Something active of this name replies to what is said: a model that is for chat, or a router.</summary>
    public bool Replies(Tenant tenant, string id) => Find(tenant, id) is { Definition.Model.Kind: ModelKind.Chat } || Router(tenant, id) is not null;

    /// <summary>Whether a call can be answered: by the model itself if its provider is configured here, by one of its fallbacks, or by a model that a router chooses.</summary>
    public bool IsCallable(Tenant tenant, ServiceEntry service) => service.Definition switch
    {
        { Routes: { } rules } => rules.Any(rule => Find(tenant, rule.To) is { } model && IsCallable(tenant, model)),
        { Model: { } offer } => IsSetUp(tenant, service) || (offer.Fallback ?? []).Any(id => Find(tenant, id) is { } other && IsSetUp(tenant, other)),
        _ => false,
    };

    private bool IsSetUp(Tenant tenant, ServiceEntry model) => Provider(tenant, model.Definition) is not null;

    /// <summary>The models of allowed categories that can be called, ordered by id.</summary>
    public IReadOnlyList<ServiceEntry> All(Tenant tenant, Scopes scopes) =>
        [.. catalogues.In(tenant).Services.Where(service => service.Definition is { Active: true, ModelProvider: not null, Category: var category } && scopes.AdmitsCategory(category) && IsCallable(tenant, service)).OrderBy(service => service.ServiceId, StringComparer.Ordinal)];

    public Payers PayersOf(Tenant tenant, ServiceEntry model) => catalogues.In(tenant).PayersOf(model);
}
