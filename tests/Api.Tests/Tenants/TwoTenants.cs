using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Tenants;

/// <summary>One API, and two tenants with keys of their own.</summary>
public abstract class TwoTenants : IAsyncLifetime
{
    private protected RunningApi Api { get; private set; } = null!;

    private protected OneTenant First { get; private set; } = null!;

    private protected OneTenant Second { get; private set; } = null!;

    public virtual async Task InitializeAsync()
    {
        Api = await Start();
        (First, Second) = (OneTenant.First(Api), OneTenant.Second(Api));
    }

    public virtual async Task DisposeAsync() => await Api.DisposeAsync();

    private protected virtual Task<RunningApi> Start() => RunningApi.Start();
}
