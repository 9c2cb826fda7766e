using Agora.Application.Reading;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Web.Lists;

/// <summary>Registers what lists share.</summary>
internal static class ListRegistration
{
    public static IServiceCollection AddLists(this IServiceCollection services) => services
        .AddSingleton<ListCursors>().AddSingleton<EmptyLists>().AddSingleton<WholeLists>().AddSingleton<OperatorLists>()
        .AddSingleton(static provider => new FeedCursors(provider.GetRequiredService<ApiOptions>().TokenKey));
}
