namespace Agora.Benchmarks.Servers;

/// <summary>The product in a process of its own.</summary>
internal static class AgoraServer
{
    public static async Task Serve(Options options)
    {
        await using var product = await Product.Start(options.Text("data", ""), options.Text("postgres", ""), options.Text("allow", ""));
        await Child.Serve(product.App);
    }
}
