namespace Agora.Journal.Tests;

public sealed class CancellationsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_who_listen_are_told_and_what_a_closed_connection_throws_is_passed_over(bool linked)
    {
        using var over = new CancellationTokenSource();
        using var inner = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var token = linked ? inner.Token : over.Token;
        var told = 0;
        using var first = token.Register(() => told++);
        using var closed = token.Register(() => throw new ObjectDisposedException("connector"));
        using var last = token.Register(() => told++);

        over.Tell();
        await over.TellAsync();

        Assert.Equal(2, told);
    }

    [Fact]
    public async Task Whatever_else_is_thrown_is_a_defect()
    {
        using var one = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        using var broken = one.Token.Register(() => throw new InvalidOperationException("broken"));
        using var alsoBroken = other.Token.Register(() => throw new InvalidOperationException("broken"));

        Assert.Throws<AggregateException>(one.Tell);
        await Assert.ThrowsAsync<AggregateException>(other.TellAsync);
    }
}
