using Agora.Grains.Conversations;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Application.Catalogue;

/// <summary>Registers the catalogue of services and campaigns, and what keeps it up to date.</summary>
internal static class CatalogueRegistration
{
    public static IServiceCollection AddCatalogue(this IServiceCollection services) => services
        .AddSingleton<Catalogues>().AddSingleton<SchemaCache>()
        .AddSingleton<IOffers>(static provider => provider.GetRequiredService<Catalogues>())
        .AddHostedService<CatalogueFeed>();
}
